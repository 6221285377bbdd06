import { invalidityOf, type Cause } from './refusal.ts'

/** A dry run that was refused, as the API server's Status says it. */
export interface RefusedDryRun {
  readonly code: number
  readonly message: string
  readonly causes: readonly Cause[]
}

/** A webhook that has to agree and does not answer: what it fails in the dry run it will fail for helm. */
export interface SilentWebhook {
  readonly kind: 'webhook-silent'
  readonly webhook: string
  /** `namespace/name`; undefined where it is called by its URL. */
  readonly service: string | undefined
  readonly message: string
}

export type ReadRefusal =
  SilentWebhook | ReturnType<typeof invalidityOf> | { readonly kind: 'not-checked'; readonly why: string }

/**
 * Sorted by what was said, not by the status alone: a field that the schema does not know is 500 in a server-side apply
 * (structured-merge-diff, typed), 400 elsewhere, and a webhook may deny with any status that it likes.
 */
export function readRefusal({ code, message, causes }: RefusedDryRun): ReadRefusal {
  // A webhook with side effects may refuse dry runs as such.
  if (/does not support dry ?run/iu.test(message)) return { kind: 'not-checked', why: message }
  const silent = silentWebhook(message)
  if (silent !== undefined) return silent
  if (/^admission webhook "[^"]*" denied the request/u.test(message)) return { kind: 'invalid', message, fields: [] }
  const mistyped = mistypedFields(message)
  if (mistyped !== undefined) return mistyped
  if (code === 422 || code === 400) return invalidityOf(message, causes)
  if (code === 403 && /\bcannot\b/u.test(message)) return { kind: 'not-checked', why: 'the user may not patch it' }
  // Quota and policies answer a dry run as they would the real thing.
  if (code === 403) return { kind: 'invalid', message, fields: [] }
  if (code === 404)
    return { kind: 'not-checked', why: /namespaces? "/u.test(message) ? 'the namespace does not exist yet' : message }
  return { kind: 'not-checked', why: message === '' ? `the API server answered ${code}` : message }
}

/**
 * `strict decoding error: unknown field "spec.color", unknown field …`: what the API server leaves out. Undefined: only directives
 * of a strategic merge patch, which it takes out of an item that is new, and counts as unknown there all the same.
 */
export function droppedFields(message: string): string | undefined {
  const told = message.replace(/^.*strict decoding error: /su, '').split(', ')
  const fields = told.filter(
    (one) =>
      !/^unknown field "(?:.*\.)?\$(?:retainKeys|patch|setElementOrder\/.*|deleteFromPrimitiveList\/.*)"$/u.test(one),
  )
  return fields.length === 0 ? undefined : fields.join(', ')
}

/** `failed calling webhook "x": failed to call webhook: Post "https://operator.ns.svc:443/?timeout=2s": …` */
function silentWebhook(text: string): SilentWebhook | undefined {
  const webhook = /failed calling webhook "([^"]*)"/u.exec(text)?.[1]
  if (webhook === undefined) return undefined
  const [, name, namespace] = /"https:\/\/([^./"]+)\.([^./"]+)\.svc[:/"]/u.exec(text) ?? []
  const service = name === undefined || namespace === undefined ? undefined : `${namespace}/${name}`
  const why = text.replace(/^.*failed calling webhook "[^"]*": /su, '').replace(/^failed to call webhook: /u, '')
  return { kind: 'webhook-silent', webhook, service, message: `webhook ${webhook} does not answer: ${why}` }
}

const TYPED = /failed to create typed (?:patch|live|new) object \([^)]*\): (?:errors:\n)?(.*)$/su

/** `.spec.hostNetwrok: field not declared in schema`, one a line where there are several. */
function mistypedFields(text: string): ReturnType<typeof invalidityOf> | undefined {
  const lines = TYPED.exec(text)?.[1]
  if (lines === undefined) return undefined
  const found = lines.split('\n').map((line) => line.trim().replace(/^\./u, ''))
  const said = [...new Set(found.filter((line) => line !== ''))]
  return {
    kind: 'invalid',
    message: said.join('; '),
    fields: said.flatMap((line) => /^(\S+): /u.exec(line)?.[1] ?? []),
  }
}
