import { parseDocument, type Document, type DocumentOptions, type ParseOptions, type SchemaOptions } from 'yaml'

type Options = ParseOptions & DocumentOptions & SchemaOptions

/** The library goes down into a text by calls. Undefined: it is nested so deeply that the stack did not suffice. */
export function parsed(text: string, options: Options): Document | undefined {
  try {
    const document = parseDocument(text, options)
    // Half of the way it notices by itself, and tells it as an error of the text.
    return document.errors.some(({ message }) => STACK_END.test(message)) ? undefined : document
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const STACK_END = /^Maximum call stack size exceeded/u
