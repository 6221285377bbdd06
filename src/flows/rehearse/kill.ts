import type { RehearsedFailure } from '../../domain/rehearsal/model.ts'
import type { RenderedThere } from '../../domain/rehearsal/stand-in.ts'
import type { KeptValue } from '../../domain/plan/preserved.ts'
import { differencesBetween } from '../../domain/rehearsal/standing.ts'
import { fromBase64 } from '../../domain/secrets/plan.ts'
import { ForgeError } from '../../errors.ts'
import { againWithout } from '../../hint.ts'
import { deploy } from '../deploy/deploy.ts'
import type { DeployOptions } from '../deploy/options.ts'
import type { Planned } from '../phases/planned.ts'
import { recoverScope, type RecoveredScope } from '../recovery/recover-scope.ts'
import type { Captured } from './capture.ts'
import type { Place } from './failures.ts'
import { insideOptions, portsInside, thereIn, type There } from './inside.ts'
import type { MadeSandbox, RehearsalPorts } from './ports.ts'
import { isFirstInstall, standingIn } from './standing.ts'
import { tenths } from './to-verdict.ts'

/** The steps of a deploy at which something is being written. Throws E_USAGE for one that there is not. */
export function killSteps(wished: readonly string[], { stages }: Planned): string[] {
  const steps = ['upgrade', ...stages.map(({ name }) => name)]
  return [...new Set(wished)].map((name) => {
    if (steps.includes(name)) return name
    throw new ForgeError('E_USAGE', `a deploy writes nothing at a step "${name}": there are ${steps.join(', ')}`, {
      hint: againWithout(['--kill-at'], '--kill-at', 'upgrade'),
      where: '--kill-at',
    })
  })
}

/** What a process of its own needs to deploy in a sandbox and to die of it; it goes through a pipe, for there are secrets in it. */
export interface ToBeKilled {
  readonly kubeconfig: string
  readonly at: string
  readonly there: {
    readonly images: readonly (readonly [string, string])[]
    readonly releases: readonly (readonly [string, Omit<RenderedThere, 'marks'>, readonly Mark[]])[]
  }
  /** Base64: what is secret in the environment, which made-up values stand for. */
  readonly secrets: readonly string[]
  readonly names: readonly string[]
  readonly given: Captured['given']
  readonly options: DeployOptions
}

function toBeKilled(
  at: string,
  { scene: { sandbox }, tonight: { planned, captured, copies } }: Pick<Place, 'scene' | 'tonight'>,
  { disguise }: RehearsalPorts,
  options: DeployOptions,
): ToBeKilled {
  const { kubeconfig } = sandbox
  const known = { secrets: disguise.learned(), names: copies.names, given: captured.given }
  return { kubeconfig, at, there: handed(thereIn(planned)), ...known, options }
}

type Mark = readonly [workload: string, values: readonly KeptValue[]]

function handed({ images, releases }: There): ToBeKilled['there'] {
  const all = [...releases].map(([name, { marks, ...rendered }]) => [name, rendered, [...marks]] as const)
  return { images: [...images], releases: all }
}

function received({ images, releases }: ToBeKilled['there']): There {
  const all = releases.map(([name, rendered, marks]) => [name, { ...rendered, marks: new Map(marks) }] as const)
  return { images: new Map(images), releases: new Map(all) }
}

/** In that process: deploys, and ends itself the way that the kernel or an operator ends a process. */
export async function deployToBeKilled(
  { at, there, secrets, names, given, options }: ToBeKilled,
  sandbox: Pick<MadeSandbox, 'cluster' | 'charts'>,
  ports: RehearsalPorts,
  kill: () => void,
): Promise<void> {
  ports.environment.redactor.spare(names)
  for (const secret of secrets) ports.disguise.bytes(fromBase64(secret))
  const inside = portsInside({ sandbox, there: received(there), given, tell: () => undefined }, ports)
  let isAt = false
  // While helm writes, not before it: the cluster has seen the first of it.
  inside.events.on(['step', 'workload'], (event) => {
    if (event.type === 'step' && event.step.name === at) isAt = true
    if (isAt && (event.type === 'workload' || at !== 'upgrade' || event.state !== 'running')) kill()
  })
  await deploy(inside, insideOptions(options))
}

/** forge is killed at a step of the deploy; then `forge recover` is to put right what it left. */
export async function killAt(
  at: string,
  place: Pick<Place, 'scene' | 'tonight' | 'report'>,
  ports: RehearsalPorts,
  options: DeployOptions,
): Promise<RehearsedFailure> {
  const { environment: own, killed } = ports
  const { scene, tonight, report } = place
  const { planned, captured } = tonight
  const { project } = planned
  const before = await standingIn(scene, tonight, own.signal)
  report.detail(`deploying, to be killed at ${at}`)
  const hit = await killed(toBeKilled(at, place, ports, options), own.signal)
  const base = { failure: `kill-at=${at}`, where: at, remark: null }
  if (!hit.isKilled)
    return {
      ...base,
      ...{ verdict: null, seconds: null, explained: false, restored: false },
      why: `the deploy came to its end without a kill (exit status ${hit.status})`,
    }
  const { sandbox } = scene
  const inside = portsInside({ sandbox, there: thereIn(planned), given: captured.given, tell: report.detail }, ports)
  const none = { dir: undefined, env: undefined, context: undefined, kubeconfig: undefined }
  const request = { command: 'recover', ...none, namespace: project.environment.namespace, project: project.name }
  const end = await recoverScope(request, inside, { dryRun: false, adoptPending: false, prove: true })
  const changed = differencesBetween(before, await standingIn(scene, tonight, own.signal))
  return { ...base, ...recoveredRow(at, end, isFirstInstall(tonight) ? undefined : changed) }
}

function recoveredRow(
  at: string,
  { outcome, seconds: exactly, entry }: RecoveredScope,
  changed: readonly string[] | undefined,
): Omit<RehearsedFailure, 'failure' | 'where' | 'remark'> {
  const sentence = `forge was killed at ${at}; forge recover: ${outcome}`
  const verdict = { code: 'E_INTERRUPTED', sentence }
  const isFound = entry !== undefined
  const seconds = tenths(exactly)
  // All that was to be written was: there is nothing to take back.
  if (outcome === 'deployed') return { verdict, seconds, explained: true, restored: null, why: null }
  const reasons = [...(isFound ? [] : ['forge recover found nothing that was interrupted']), ...(changed ?? [])]
  // A first install has nothing to go back to.
  const restored = changed === undefined ? null : outcome === 'restored' && changed.length === 0
  return { verdict, seconds, explained: isFound, restored, why: reasons.length === 0 ? null : reasons.join('; ') }
}
