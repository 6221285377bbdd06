import type { Hint } from '../../../hint.ts'
import { isMap } from '../../config/path.ts'
import { hibernationOf, holdOn } from '../../operators/hold.ts'
import { conditionOf, type Condition } from '../conditions.ts'
import { generationMark } from '../marks.ts'
import type { RuleContext } from '../symptom.ts'
import { specOf, statusOf } from '../shapes.ts'
import type { ObservedObject } from '../object-cache.ts'
import { paused, progressing, ready, type Assess, type Progress } from './assessment.ts'
import { instancesOf, promotionOf, stuckSymptoms, type Instances } from './database-instances.ts'
import { HEALTHY, MOVES, phaseSymptoms, WAITING_FOR_USER } from './database-phases.ts'
import { observationOf, SILENT, unlessSilent, type Observation } from './observed.ts'

export interface DatabaseFacts {
  readonly observation: Observation
  /** Somebody keeps its operator, or its instances, from doing anything. */
  readonly hold: { readonly reason: string; readonly hint: Hint } | undefined
  /** It is to sleep, and does not yet: what its operator says of that. */
  readonly fallingAsleep: string | undefined
  readonly instances: number
  readonly readyInstances: number
  readonly phase: string
  readonly phaseReason: string
  readonly currentPrimary: string
  readonly targetPrimary: string
  /** How many of its pods are not as its operator wants them; undefined: none, as far as is known. */
  readonly outdated: string | undefined
  /** What shows whether PostgreSQL took a change. */
  readonly logs: Hint
  /** What a supervised update waits for. */
  readonly promote: Hint
}

/** CloudNativePG's Cluster: all instances ready, and its own word that nothing is left to do. */
export function judgeDatabase(facts: DatabaseFacts): Progress {
  const { observation, hold, fallingAsleep, instances, readyInstances, phase } = facts
  const counts = { ready: Math.min(readyInstances, instances), wanted: instances }
  if (fallingAsleep !== undefined) return progressing(fallingAsleep, counts)
  if (hold !== undefined) return paused(hold.reason, hold.hint)
  if (observation.state === 'awaited') return progressing(observation.reason, counts)
  if (phase === WAITING_FOR_USER)
    return paused('its primary waits for a switchover or restart by hand (primaryUpdateStrategy)', facts.promote)
  const open = unfinished(facts)
  if (open !== undefined) return progressing(open, counts)
  const remark = observation.state === 'silent' ? observation.remark : undefined
  return ready(`${readyInstances}/${instances}`, remark, facts.logs)
}

function unfinished(facts: DatabaseFacts): string | undefined {
  const { instances, readyInstances, phase, phaseReason, currentPrimary, targetPrimary, outdated } = facts
  const said = phase === HEALTHY || phaseReason === '' ? phase : `${phase}: ${phaseReason}`
  if (readyInstances < instances)
    return `${readyInstances}/${instances} instances ready${said === '' ? '' : `: ${said}`}`
  if (currentPrimary !== targetPrimary && currentPrimary !== '' && targetPrimary !== '')
    return `${phase === HEALTHY ? '' : `${phase}: `}${currentPrimary} is still the primary, ${targetPrimary} is to be`
  if (phase !== HEALTHY) return phase === '' ? 'no status yet' : said
  if (outdated !== undefined) return outdated
  return readyInstances > instances ? `${readyInstances} instances, ${instances} wanted` : undefined
}

export const assessDatabase: Assess = (entry, context) => {
  const { object } = entry
  const { instances = 1 } = specOf(object)
  const { readyInstances = 0, phase = '', phaseReason = '', conditions, ...status } = statusOf(object)
  const observation = observationOfDatabase(entry, phase, context)
  const pods = instancesOf(entry, context)
  const primary = status.currentPrimary ?? `${object.metadata.name}-1`
  const progress = judgeDatabase({
    observation,
    ...holdOf(entry, conditions, context),
    instances,
    readyInstances,
    phase,
    phaseReason,
    currentPrimary: status.currentPrimary ?? '',
    targetPrimary: status.targetPrimary ?? '',
    outdated: outdatedText(object['spec'], object['status'], pods),
    logs: context.kubectl(['logs', primary, '--container', 'postgres']),
    promote: promotionOf(entry, primary, pods, context),
  })
  const isProgressing = progress.state === 'progressing'
  return {
    progress,
    counts: { ready: Math.min(readyInstances, instances), wanted: instances },
    current: isProgressing ? pods.current : [],
    old: isProgressing ? pods.outdated : [],
    symptoms:
      observation.state === 'awaited' || !isProgressing
        ? []
        : [...phaseSymptoms(entry, phase, context), ...stuckSymptoms(entry, pods, context)],
    countsCrashes: true,
    expectedPods: 0,
    settles: false,
    isUnanswered: phase === '' || isUnanswered(observation),
    isTelling: MOVES.has(phase),
    ...(observation.state === 'awaited' && observation.until !== undefined ? { until: observation.until } : {}),
  }
}

function isUnanswered(observation: Observation): boolean {
  return observation.state === 'silent' || (observation.state === 'awaited' && observation.speaks !== true)
}

function holdOf(
  { object }: ObservedObject,
  conditions: readonly Condition[] | undefined,
  { kubectl }: RuleContext,
): Pick<DatabaseFacts, 'hold' | 'fallingAsleep'> {
  const hold = holdOn(object)
  if (hold === undefined) return { hold, fallingAsleep: undefined }
  const isAsked = hibernationOf(object) === 'asked' && hold.path.includes('hibernation')
  // It is put to sleep only once it is healthy, so that its claims are whole (pkg/reconciler/hibernation/status.go).
  const { message = 'that begins once it is healthy' } = conditionOf(conditions, 'cnpg.io/hibernation') ?? {}
  return {
    hold: { reason: hold.reason, hint: kubectl(hold.release) },
    fallingAsleep: isAsked ? `is to hibernate: ${message}` : undefined,
  }
}

/**
 * No version of its operator writes an observedGeneration, and its instances write into the same status. After its spec has
 * changed, the phase has to have moved since, and must then last for a moment: the operator takes a new image into the status
 * while the phase is still that of before (internal/controller/cluster_image.go). Where nothing is to be done it never moves, so
 * this ends with `controllerGraceMs`.
 */
function observationOfDatabase(entry: ObservedObject, phase: string, context: RuleContext): Observation {
  const { conditions, observedGeneration } = statusOf(entry.object)
  const told = conditionOf(conditions, 'Ready')?.observedGeneration
  const general = observationOf(entry, [told], context)
  const isTold = observedGeneration !== undefined || told !== undefined
  if (general.state !== 'observed' || isTold || phase === '' || !context.hasGrown(entry)) return general
  const [spec, since] = [entry.marks.get(generationMark(entry.object)), entry.marks.get(`phase=${phase}`)]
  if (spec === undefined || since === undefined) return general
  if (since.seq <= spec.seq) return phase === HEALTHY ? unlessSilent(entry, SILENT, context) : general
  const until = since.at + context.options.settleMs
  return phase === HEALTHY && context.at < until
    ? { state: 'awaited', reason: 'healthy again, which must last for a moment', until, speaks: true }
    : general
}

function outdatedText(spec: unknown, status: unknown, { outdated }: Instances): string | undefined {
  const wanted = isMap(spec) ? spec['imageName'] : undefined
  const taken = isMap(status) ? status['image'] : undefined
  if (typeof wanted === 'string' && typeof taken === 'string' && wanted !== taken)
    return 'its operator has not taken up its image yet'
  const names = outdated.map(({ object }) => object.metadata.name)
  if (names.length === 0) return undefined
  return `${names.join(', ')} ${names.length === 1 ? 'runs' : 'run'} another image than it is to`
}
