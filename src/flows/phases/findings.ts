import { ForgeError, type ErrorCode, type ErrorDetails } from '../../errors.ts'
import { tellOnce } from './asked.ts'
import type { Asked } from './opened.ts'
import type { DeployPorts } from './ports.ts'

/** Why nothing may be written. */
export interface Refusal {
  readonly kind: 'refuse'
  readonly error: ForgeError
  /** What a plan, which is made all the same, says of it. Undefined: it is refused, too. */
  readonly inPlan?: readonly string[]
}

/** What a check has found. */
export type Finding =
  | Refusal
  | { readonly kind: 'warn'; readonly text: string }
  /** `needed`: the right that lacks, where nothing may be written without having looked. */
  | { readonly kind: 'unchecked'; readonly what: string; readonly why: string; readonly needed?: ForgeError }

/** Looks at what a phase knows and says what it finds. What becomes of that is not its business. */
export type Check<Known> = (
  known: Known,
  ports: Pick<DeployPorts, 'project' | 'signal' | 'here' | 'redactor' | 'registries'>,
) => readonly Finding[] | Promise<readonly Finding[]>

type Told = Pick<Asked, 'policy' | 'warnings' | 'notChecked'>

export function refuse(code: ErrorCode, message: string, details: ErrorDetails): Refusal {
  return { kind: 'refuse', error: new ForgeError(code, message, details) }
}

export function warn(text: string): Finding {
  return { kind: 'warn', text }
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
  for (const one of checks) settle(known, await one(known, ports))
}

/** The one place that decides what becomes of findings. */
export function settle({ policy, warnings, notChecked }: Told, findings: readonly Finding[]): void {
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
    }
}

/** For `unlessForbidden`: what a write must know. Says what could not be looked at, and goes on only where nothing is written. */
export function needed(context: Told, what: string): (why: ForgeError) => void {
  return (why) => settle(context, [unchecked(what, why)])
}
