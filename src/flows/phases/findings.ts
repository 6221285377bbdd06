import type { Permission } from '../../domain/access/permissions.ts'
import { ForgeError, type ErrorCode, type ErrorDetails } from '../../errors.ts'
import type { Hint } from '../../hint.ts'
import { tellOnce } from './asked.ts'
import type { Asked } from './opened.ts'
import type { DeployPorts } from './ports.ts'

/** Why nothing may be written. */
export interface Refusal {
  readonly kind: 'refuse'
  readonly error: ForgeError
  /** What a plan, which is made all the same, says of it. Undefined: it is refused, too. */
  readonly inPlan?: readonly string[]
  /** E_FORBIDDEN: all that may not be done in this place (undefined: in the cluster). */
  readonly lacking?: { readonly namespace: string | undefined; readonly permissions: readonly Permission[] }
}

/** What a check has found. */
export type Finding =
  | Refusal
  | { readonly kind: 'warn'; readonly text: string; readonly hint?: Hint; readonly where?: string }
  /** `needed`: the right that lacks, where nothing may be written without having looked. */
  | { readonly kind: 'unchecked'; readonly what: string; readonly why: string; readonly needed?: ForgeError }
  /** What a run passes over without a word, because forge may not look: only who tells all that was found tells it. */
  | { readonly kind: 'passed-over'; readonly what: string; readonly why: string }
  /** The same of what is well. */
  | { readonly kind: 'found'; readonly text: string }

/** Looks at what a phase knows and says what it finds. What becomes of that is not its business. */
export type Check<Known> = (
  known: Known,
  ports: Pick<DeployPorts, 'project' | 'signal' | 'here' | 'redactor' | 'registries'>,
) => readonly Finding[] | Promise<readonly Finding[]>

type Told = Pick<Asked, 'policy' | 'warnings' | 'notChecked'>

export function refuse(code: ErrorCode, message: string, details: ErrorDetails): Refusal {
  return { kind: 'refuse', error: new ForgeError(code, message, details) }
}

export function warn(text: string, more: { readonly hint?: Hint; readonly where?: string } = {}): Finding {
  return { kind: 'warn', text, ...more }
}

export function found(text: string): Finding {
  return { kind: 'found', text }
}

export function passedOver(what: string, why: string): Finding {
  return { kind: 'passed-over', what, why }
}

/** `why` as an error: it must be known before anything is written. */
export function unchecked(what: string, why: string | ForgeError): Finding {
  return { kind: 'unchecked', what, ...(typeof why === 'string' ? { why } : { why: why.message, needed: why }) }
}

/** One after the other: the first that refuses ends the run, before the next one asks the cluster for anything. */
export async function check<Known extends Told>(
  known: Known,
  checks: readonly Check<Known>[],
  ports: Parameters<Check<Known>>[1],
): Promise<void> {
  for (const one of checks) settle(known, await findingsOf(one, known, ports), one)
}

/** Where all is collected, a check that ends with a refusal of its own has found just that. */
async function findingsOf<Known extends Told>(
  one: Check<Known>,
  known: Known,
  ports: Parameters<Check<Known>>[1],
): Promise<readonly Finding[]> {
  try {
    return await one(known, ports)
  } catch (error) {
    const isCollected = known.policy.collects !== undefined && error instanceof ForgeError && error.exitStatus === 3
    if (!isCollected) throw error
    return error.code === 'E_FORBIDDEN' ? [passedOver('', error.message)] : [{ kind: 'refuse', error }]
  }
}

/** The one place that decides what becomes of findings. `by`: the check that has found them. */
export function settle({ policy, warnings, notChecked }: Told, findings: readonly Finding[], by?: unknown): void {
  if (policy.collects !== undefined) return policy.collects(findings, by)
  for (const one of findings)
    switch (one.kind) {
      case 'refuse':
        if (one.inPlan === undefined) throw one.error
        policy.onRefusal(one.error)
        tellOnce(warnings, one.inPlan)
        break
      case 'warn':
        warnings.push(one.text)
        break
      case 'unchecked':
        if (one.needed !== undefined) policy.onRefusal(one.needed)
        notChecked.push(`${one.what}: not checked, ${one.why}`)
        break
      case 'passed-over':
      case 'found':
    }
}

/** For `unlessForbidden`: what a write must know. Says what could not be looked at, and goes on only where nothing is written. */
export function needed(context: Told, what: string): (why: ForgeError) => void {
  return (why) => settle(context, [unchecked(what, why)])
}
