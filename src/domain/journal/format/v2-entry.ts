import { compact } from '../../config/compact.ts'
import type { PlainMap } from '../../config/path.ts'
import type { Hint } from '../../../hint.ts'
import type { JournalEntry, JournalStep, JournalVerdict } from '../model.ts'
import { readBy, withUnknown } from './unknown.ts'
import { entry as schema, type Entry2 } from './v2.ts'

/** The oldest forge that reads format 2. */
const NEEDS = '0.1.0'

/** An entry of format 2. Undefined: it is not as the format has it. */
export function read(document: PlainMap): JournalEntry | undefined {
  return readBy(schema, told, document)
}

function told({ v: _v, needs: _needs, steps, ...same }: Entry2): JournalEntry {
  return {
    ...same,
    steps: steps.map(({ outcome, startedAt, endedAt, because, ...operation }): JournalStep =>
      compact({ operation, outcome, startedAt, endedAt, because }),
    ),
  }
}

/** The document of an entry. What the format does not have is left out; what could not be read again is not written: it throws. */
export function write({ unknown, steps, verdict, ...same }: JournalEntry): unknown {
  const document = {
    v: 2,
    needs: NEEDS,
    ...same,
    steps: steps.map(({ operation, ...times }) => ({ ...operation, ...times })),
    ...(verdict === undefined ? {} : { verdict: storedVerdict(verdict) }),
  } satisfies Written<Entry2>
  return withUnknown(schema.parse(document), unknown)
}

/** Lists that are only read will do. */
type Written<T> = T extends readonly (infer Item)[]
  ? readonly Written<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Written<T[Key]> }
    : T

function storedVerdict({ hint, ...verdict }: JournalVerdict): Written<NonNullable<Entry2['verdict']>> {
  return hint === undefined || (typeof hint !== 'string' && isTyped(hint)) ? verdict : { ...verdict, hint }
}

/** Nobody knows later what was typed. */
function isTyped(hint: Hint): boolean {
  return hint.kind === 'again' || (hint.kind === 'sequence' && hint.hints.some(isTyped))
}
