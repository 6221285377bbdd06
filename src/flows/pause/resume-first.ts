import { ForgeError } from '../../errors.ts'
import { again, forge } from '../../hint.ts'
import { gitopsOwner } from '../../domain/gitops.ts'
import { keyOf } from '../../domain/kube.ts'
import { pausedText, restedOf } from '../../domain/pause/rested.ts'
import type { PausePlan } from '../../domain/pause/plan.ts'
import { changeRows } from '../../screen/pause.ts'
import { pausedObjects } from './describe.ts'
import type { Opened } from '../phases/opened.ts'
import type { RunOptions } from '../phases/options.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { HeldLease } from '../state/lease.ts'
import { closeDone, planOf, underPauseLock } from './perform.ts'
import { readPause, type PauseFound, type PauseRequest, type PauseScope } from './read.ts'

/** The number of the resumption; undefined: nothing was woken. */
export type ResumedFirst = number | undefined

/**
 * What rests is woken before it is deployed to, if that is agreed to (`--resume`, or the question): only then a plan compares with
 * what runs, and a way back has somewhere to lead to. It is an entry of its own in the history. What does not become ready is told
 * and no obstacle: the deploy may be what mends it, and proves all of it. Where nobody agrees nothing is done, and the checks of the
 * deploy refuse (E_ENVIRONMENT_PAUSED). Throws E_NOT_CONFIRMED, and what ends a resumption.
 */
export async function resumeFirst(
  scope: PauseScope,
  { resume, yes, timeoutMs }: Pick<RunOptions, 'resume' | 'yes' | 'timeoutMs'>,
  ports: DeployPorts,
  held: HeldLease | undefined,
): Promise<ResumedFirst> {
  const isPossible = resume === 'agreed' || (resume === 'ask' && !yes && ports.ask !== undefined)
  // Where nothing was ever paused, nobody waits for it to be looked for.
  const isNever = resume === 'ask' && scope.journal.pauses.length === 0
  if (!isPossible || isNever) return undefined
  const request: PauseRequest = { command: 'resume', components: [], timeoutMs }
  const found = await readPause(request, scope, ports.signal)
  const plan = planOf('resume', found)
  // Of what GitOps owns nothing is deployed: that is to be refused, and not woken for.
  const performing = { scope, request, ports, again: again() }
  if (plan.tiers.length === 0) await closeDone(performing, held)
  if (plan.tiers.length === 0 || [...found.live.values()].some((one) => gitopsOwner(one) !== undefined))
    return undefined
  await agree(scope, plan, found, resume === 'agreed', ports)
  const unready: string[] = []
  const { error, number } = await underPauseLock(
    {
      ...performing,
      goesOn: ({ code, message }) => unready.push(`woken and not ready: ${message} (${code}); it goes on all the same`),
    },
    held,
  )
  if (error !== undefined) throw error
  ports.say([`Resumed ${scope.environment} as #${number}.`, ...unready.map((text) => `warning  ${text}`), ''])
  return number
}

async function agree(
  { environment }: PauseScope,
  plan: PausePlan,
  found: PauseFound,
  isAgreed: boolean,
  { ask, say, signal }: DeployPorts,
): Promise<void> {
  const rested = restedOf(
    plan.tiers.flatMap(({ steps }) => steps).flatMap(({ ref }) => found.live.get(keyOf(ref)) ?? []),
  )
  const text = pausedText(environment, rested) ?? ''
  const rows = [text, ...changeRows('resume', pausedObjects(plan)), '']
  if (isAgreed) return say(rows)
  const agreed = await ask?.([...rows, `Resume ${environment} first, and then go on? (y/N) `])
  signal.throwIfAborted()
  if (agreed === true) return
  throw new ForgeError('E_NOT_CONFIRMED', `${text}; to resume it first was not confirmed`, {
    hint: forge('status', '--env', environment),
    where: 'the question',
  })
}

/** As far as a deploy knows it. */
export function pauseScopeOf({ project, cluster, journal, liveEntry }: Opened): PauseScope {
  const { name: environment, namespace } = project.environment
  return {
    ...{ project: project.name, namespace, environment, flags: ['--env', environment], checkout: project },
    connected: { cluster },
    journal: { live: liveEntry, pauses: journal?.pauses ?? [] },
  }
}

/** What ended the run that woke it did not bring it back to rest. */
export function staysAwake(error: ForgeError, resumed: ResumedFirst, environment: string): ForgeError {
  if (resumed === undefined || error.details.now !== undefined) return error
  return error.with({ now: `${environment} stays resumed (#${resumed})` })
}
