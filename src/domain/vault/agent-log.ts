/** What Vault's agent says is wrong, by its log. */
export interface AgentWords {
  readonly kind: 'login' | 'read' | 'absent' | 'template' | 'other'
  /** Where the method is mounted (`auth/kubernetes`), or the path that is read. */
  readonly path: string | undefined
  /** Of a template. */
  readonly key: string | undefined
  /** `invalid role name "web"` */
  readonly says: string
  /** The entry as one line. */
  readonly line: string
}

const BEGINS = /^\d{4}-\d\d-\d\dT\S+\s+\[(?<level>[A-Z]+)\]|^\{"@|^==>|^Error encountered/u

/**
 * The last entry that names what is wrong, of Vault and OpenBao alike: an entry takes several lines where the server's answer
 * does. Undefined: nothing looks wrong.
 */
export function agentWords(lines: readonly string[]): AgentWords | undefined {
  return entriesOf(lines)
    .toReversed()
    .map(wordsOf)
    .find((one) => one !== undefined)
}

function entriesOf(lines: readonly string[]): string[][] {
  const entries: string[][] = []
  for (const line of lines) {
    if (BEGINS.test(line) || entries.length === 0) entries.push([line])
    else entries.at(-1)?.push(line)
  }
  return entries
}

function wordsOf(entry: readonly string[]): AgentWords | undefined {
  const lines = entry.filter((line) => line.replaceAll(/[|\s]/gu, '') !== '')
  const text = plain(lines.join('\n'))
  if (!/\[(?:ERROR|WARN)\]|"@level":"(?:error|warn)"/u.test(lines[0] ?? '')) return undefined
  const found = (kind: AgentWords['kind'], path: string | undefined, says: string, key?: string): AgentWords => ({
    kind,
    path,
    key,
    says: short(says),
    line: lines.length === 1 ? (lines[0] ?? '') : `${(lines[0] ?? '').replace(/:?\s*$/u, '')}: ${short(says)}`,
  })
  if (/error authenticating/u.test(text))
    return found('login', /\/v1\/(auth\/\S+?)\/login/u.exec(text)?.[1], reasonOf(text))
  const template = /template: .*?(?:executing|parse|: function).*|(?:execute|parse): template.*/u.exec(text)?.[0]
  if (template !== undefined) return found('template', undefined, templateReason(template), keyIn(template))
  const path = /vault\.(?:read|write)\(([^)\s]+)/u.exec(text)?.[1]
  if (path === undefined)
    return /error/iu.test(text) && /runner|template|sink/u.test(text)
      ? found('other', undefined, reasonOf(text))
      : undefined
  return found(/no secret exists at/u.test(text) ? 'absent' : 'read', path, reasonOf(text))
}

function short(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim().slice(0, 200)
}

/** Without what quotes it in a line of key=value, or in JSON. */
function plain(text: string): string {
  return text
    .replaceAll('\\"', '"')
    .replaceAll(String.raw`\n`, '\n')
    .replaceAll(/^\s*\|/gmu, '')
}

/** The server's own words, `* permission denied`; else what the way there met. */
function reasonOf(text: string): string {
  const starred = [...text.matchAll(/^\s*\*\s+(.+)$/gmu)]
    .map(([, one = '']) => one)
    .filter((one) => !/\d+ errors? occurred/u.test(one))
  if (starred.length > 0) return starred.join('; ')
  if (/no secret exists at/u.test(text)) return 'no secret exists there'
  const [, error = text] = /error="?([\s\S]*?)"?(?:\s+backoff=.*|\s*\(retry.*)?$/u.exec(text) ?? []
  return error.replace(/^.*\/login"?: /su, '').replace(/^(?:Put|Get) "[^"]*"?: /su, '')
}

function templateReason(text: string): string {
  const [, reason = text] = /<[^>]*>: (.*)$/u.exec(text) ?? /template: [^:]*:\d+(?::\d+)?: (.*)$/u.exec(text) ?? []
  return reason.replace(/"?\s*(?:backoff|exitCode)=.*$/u, '')
}

/** `map has no entry for key "pin"`, `at <.Data.data.pin.digits>: can't evaluate field digits` */
function keyIn(text: string): string | undefined {
  return (
    /no entry for key "([^"]+)"/u.exec(text)?.[1] ??
    /<[^>]*?\.Data(?:\.data)?\.([\w-]+)/u.exec(text)?.[1] ??
    /can't evaluate field (\S+)/u.exec(text)?.[1]
  )
}
