import fc from 'fast-check'
import { bugOf, stackOf } from '../../src/errors.ts'
import { DOCUMENTS } from './fuzz-documents.ts'
import { READERS } from './fuzz-readers.ts'
import { edit, edited } from './mutations.ts'

const LONGEST_MS = 1000

export const KINDS = Object.keys(DOCUMENTS) as (keyof typeof DOCUMENTS)[]

export interface Fuzzed {
  readonly inputs: number
  /** Of all inputs, in milliseconds of the processor. */
  readonly slowest: number
}

/** `count` documents of a kind, each edited: whoever reads it ends soon, with a value or an error that has a code. */
export async function fuzz(kind: keyof typeof DOCUMENTS, count: number, seed: number): Promise<Fuzzed> {
  let slowest = 0
  let inputs = 0
  const document = fc.constantFrom(...(DOCUMENTS[kind] as readonly string[]))
  const property = fc.asyncProperty(document, fc.array(edit, { minLength: 1, maxLength: 6 }), async (text, edits) => {
    const input = edited(text, edits)
    inputs += 1
    const ms = Math.min(...(await times(kind, input)))
    slowest = Math.max(slowest, ms)
    if (ms > LONGEST_MS) throw new Error(`${kind} took ${ms} ms for ${shown(input)}`)
  })
  await fc.assert(property, { numRuns: count, seed, includeErrorInReport: false })
  return { inputs, slowest }
}

/** One that was slow is asked once more: what compiles and collects may have met it. */
async function times(kind: keyof typeof DOCUMENTS, input: string): Promise<number[]> {
  const first = await time(kind, input)
  return first > LONGEST_MS ? [first, await time(kind, input)] : [first]
}

/** Milliseconds of the processor: a machine that does something else meanwhile makes nothing slow. */
async function time(kind: keyof typeof DOCUMENTS, input: string): Promise<number> {
  const begin = process.cpuUsage()
  try {
    await READERS[kind](input)
  } catch (error) {
    const stack = stackOf(bugOf(error))
    if (stack !== undefined) throw new Error(`${kind} met a bug: ${stack}\nin ${shown(input)}`, { cause: error })
  }
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1000
}

function shown(input: string): string {
  return JSON.stringify(input.length > 3000 ? `${input.slice(0, 3000)}…` : input)
}
