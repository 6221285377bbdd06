import * as z from 'zod'
import { isMap, type PlainMap } from '../../config/path.ts'
import type { JournalEntry } from '../model.ts'

/** Of a document what its schema says nothing of, each at its place; undefined where there is nothing. */
export function unknownPart(schema: z.core.$ZodType, document: unknown): unknown {
  const known = inner(schema)
  if (known instanceof z.ZodArray && Array.isArray(document)) {
    const found = document.map((one: unknown) => unknownPart(known.element, one))
    return found.some((one) => one !== undefined) ? found : undefined
  }
  const shape = shapeOf(known, document)
  if (shape === undefined || !isMap(document)) return undefined
  const found = Object.entries(document).flatMap(([name, value]): [string, unknown][] => {
    const part = Object.hasOwn(shape, name) ? unknownPart(shape[name] ?? z.unknown(), value) : value
    return part === undefined ? [] : [[name, part]]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** An entry as its format tells it, with what the format does not know. Undefined: it is not as the format has it. */
export function readBy<Document>(
  schema: z.ZodType<Document>,
  told: (document: Document) => JournalEntry,
  document: PlainMap,
): JournalEntry | undefined {
  const { data } = schema.safeParse(document)
  const unknown = unknownPart(schema, document)
  return data === undefined ? undefined : { ...told(data), ...(isMap(unknown) ? { unknown } : {}) }
}

/** The document with that part at its place again. What the document says itself wins. */
export function withUnknown(document: unknown, part: unknown): unknown {
  if (isMap(document) && isMap(part)) {
    const names = [...new Set([...Object.keys(document), ...Object.keys(part)])]
    const valueOf = (name: string): unknown =>
      Object.hasOwn(document, name) ? withUnknown(document[name], part[name]) : part[name]
    return Object.fromEntries(names.map((name) => [name, valueOf(name)]))
  }
  // What is appended to a list comes after what was read.
  if (Array.isArray(document) && Array.isArray(part) && part.length <= document.length)
    return document.map((one: unknown, at) => withUnknown(one, part[at]))
  return document
}

/** The fields that a schema knows. Of a choice those of the one that the document is. */
function shapeOf(schema: z.core.$ZodType, document: unknown): Readonly<Record<string, z.core.$ZodType>> | undefined {
  if (schema instanceof z.ZodObject) return schema.shape
  if (!(schema instanceof z.ZodUnion)) return undefined
  const chosen = schema.options.find((one) => z.safeParse(one, document).success)
  return chosen === undefined ? undefined : shapeOf(inner(chosen), document)
}

/** Without what says only that it may be absent, or what stands for it then. */
function inner(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPipe) return inner(schema.out)
  if (schema instanceof z.ZodLazy) return inner(schema.unwrap())
  const isWrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodCatch
  return isWrapped ? inner(schema.unwrap()) : schema
}
