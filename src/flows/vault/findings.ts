import { refuse, unchecked, type Finding } from '../phases/findings.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Hint } from '../../hint.ts'
import type { Examined } from './examine.ts'

/** One thing that is wrong for certain. */
export interface Wrong {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: Hint
  readonly where: string
}

/** All that is wrong in one refusal, by the first one's code. */
export function together(wrong: readonly Wrong[]): Finding[] {
  const [first, ...others] = wrong
  if (first === undefined) return []
  const { code, hint, where } = first
  const message = others.length === 0 ? first.message : `${first.message} (and ${others.length} more)`
  const problems = wrong.map(({ message: text, hint: own, where: at }) => ({ message: text, hint: own, where: at }))
  return [refuse(code, message, { hint, where, ...(others.length === 0 ? {} : { problems }) })]
}

/** What is wrong with what pods need, each thing once with all that need it. */
export function wrongOf(examined: readonly Examined[]): Wrong[] {
  const found = new Map<string, { readonly by: string[]; readonly one: Examined; readonly lack: Lack }>()
  for (const one of examined) {
    const { finding, need } = one
    if (finding.kind !== 'lack') continue
    const key = `${finding.code} ${thing(one)} ${finding.lack}`
    const known = found.get(key)
    if (known === undefined) found.set(key, { by: [need.by], one, lack: finding })
    else known.by.push(need.by)
  }
  return [...found.values()].map(({ by, one, lack }) => ({
    code: lack.code,
    message: `${thing(one)} in Vault, ${whose(one, by)}, ${lack.lack}`,
    hint: lack.hint,
    where: by[0] ?? '',
  }))
}

type Lack = Extract<Examined['finding'], { kind: 'lack' }>

function thing({ of }: Pick<Examined, 'of'>): string {
  return of.kind === 'role' ? `role ${of.login.role}` : of.read.path
}

function whose({ of }: Examined, by: readonly string[]): string {
  const some = [...new Set(by)]
  const [first = '', ...others] = some
  const who =
    others.length === 0 ? first : `${first} and ${others.length === 1 ? (others[0] ?? '') : `${others.length} more`}`
  const verb = (one: string, many: string): string => (others.length === 0 ? one : many)
  if (of.kind === 'role') return `by which ${who} ${verb('logs', 'log')} in`
  const role = of.kind === 'path' && of.role !== undefined ? ` by role ${of.role}` : ''
  return `which ${who} ${verb('reads', 'read')}${role}`
}

/** What cannot be seen, by why. */
export function uncheckedOf(examined: readonly Examined[]): Finding[] {
  const found = new Map<string, Set<string>>()
  for (const one of examined) {
    const { finding, need } = one
    if (finding.kind !== 'doubt') continue
    const what = one.of.kind === 'policy' ? `whether role ${one.of.role ?? ''} may read ${thing(one)}` : thing(one)
    found.set(finding.why, (found.get(finding.why) ?? new Set()).add(`${what} of ${need.by}`))
  }
  return [...found].map(([why, what]) => unchecked(`${some([...what])} in Vault`, why))
}

const SHOWN = 3

function some(what: readonly string[]): string {
  const more = what.length - SHOWN
  return `${what.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
