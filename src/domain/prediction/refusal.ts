/** What a refused dry run means for the one who reads the preview. */
export interface Cause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** `conflict with "kubectl" using apps/v1 with subresource "scale"`: the managers that own the fields of a 409. */
export function conflictsOf(causes: readonly Cause[]): { readonly field: string; readonly manager: string }[] {
  return causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field, message }) => ({
      field,
      manager: /conflict with "([^"]+)"/u.exec(message)?.[1] ?? 'another manager',
    }))
}

/** Phrases of the API server's validation for fields that keep their first value (apimachinery's and each kind's own). */
const IMMUTABLE = [
  /is immutable/u,
  /may not (?:be )?chang(?:e|ed)/u,
  /cannot (?:be )?chang(?:e|ed)/u,
  /cannot (?:be )?updated?\b/u,
  /updates to \w+ spec for fields other than/u,
  /immutable after creation/u,
  /may not be (?:updated|modified)/u,
  /field can not be less than/u,
]

export function isImmutable(message: string): boolean {
  return IMMUTABLE.some((phrase) => phrase.test(message))
}

/** A 422 (or 400) sorted: fields that cannot change any more, or values that are wrong. */
export function invalidityOf(
  message: string,
  causes: readonly Cause[],
): { readonly kind: 'immutable' | 'invalid'; readonly message: string; readonly fields: string[] } {
  const fixed = causes.filter((cause) => isImmutable(cause.message))
  if (fixed.length > 0) return { kind: 'immutable', message: sentence(fixed), fields: fieldsOf(fixed) }
  if (causes.length === 0 && isImmutable(message)) return { kind: 'immutable', message, fields: [] }
  return { kind: 'invalid', message: causes.length === 0 ? message : sentence(causes), fields: fieldsOf(causes) }
}

function sentence(causes: readonly Cause[]): string {
  // The API server repeats the whole value before it says what is wrong with it.
  const short = (message: string): string => message.replace(/^Invalid value: .*: (?=[^:]+$)/su, '')
  return [
    ...new Set(causes.map(({ field, message }) => (field === '' ? short(message) : `${field}: ${short(message)}`))),
  ].join('; ')
}

function fieldsOf(causes: readonly Cause[]): string[] {
  return [...new Set(causes.map(({ field }) => field).filter((field) => field !== ''))]
}
