import { canonical } from '../../src/domain/canonical.ts'
import { mergeLayers, type Layer } from '../../src/domain/values/layers.ts'
import type { Json, JsonMap, Origin } from '../../src/domain/values/model.ts'
import { parseSetting } from '../../src/domain/values/set-option.ts'
import { wholeNumbers } from '../../src/domain/values/whole-numbers.ts'
import type { Question } from './set-texts.ts'

const origin: Origin = { kind: 'flag', text: '--set' }

/** What forge makes of it, whole numbers marked as such; undefined where it refuses. */
export function readSetting({ base, flag, text }: Question): string | undefined {
  const parsed = parseSetting({ flag, text })
  if ('fault' in parsed) return undefined
  const below: Layer = { kind: 'tree', value: base as JsonMap, originOf: () => origin }
  const above: Layer =
    'document' in parsed
      ? { kind: 'tree', value: parsed.document, originOf: () => origin }
      : {
          kind: 'patch',
          entries: parsed.assignments.map((one) => ({ ...one, value: withContents(one.value, flag), origin })),
        }
  const { values, conflicts } = mergeLayers([below, above])
  if (conflicts.length > 0) return undefined
  const whole = wholeNumbers([below, above]).map(({ path, digits }) => ({ path, value: { $whole: digits }, origin }))
  return canonical(
    mergeLayers([
      { kind: 'tree', value: values, originOf: () => origin },
      { kind: 'patch', entries: whole },
    ]).values,
  )
}

function withContents(value: Json, flag: Question['flag']): Json {
  if (flag !== '--set-file') return value
  if (Array.isArray(value)) return value.map((one) => withContents(one as Json, flag))
  return value === '' || typeof value !== 'string' ? value : `content of ${value}`
}

/** helm's answer: canonical values, or why it refuses. */
export interface Answer {
  readonly values?: string
  readonly error?: string
}

/** Where forge and helm do not agree, and may not disagree. */
export function disagreement(question: Question, { values, error }: Answer): object[] {
  const own = readSetting(question)
  if (own === values) return []
  const { flag, text, isOdd } = question
  // helm loses a value without text at the end (`a[0].b=`), without a word.
  if (own !== undefined && values !== undefined && /\[\d+\]\.[^=,]*=$/u.test(text)) return []
  // What a null took away may be made anew; a file without a name is no text.
  if (own !== undefined && error?.includes('interface {} is nil') === true) return []
  if (own !== undefined && flag === '--set-file' && error?.includes('without a name') === true) return []
  return own === undefined && isOdd ? [] : [{ flag, text, base: question.base, own, helm: values ?? error }]
}
