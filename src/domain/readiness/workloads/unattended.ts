import { kubectl } from '../../../hint.ts'
import { ALWAYS_FRESH, NEVER, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { progressing, type Assessment } from './assessment.ts'
import { specSince } from './observed.ts'

/**
 * A resource of which nobody has said anything yet, because nobody acts on it: then its status, if it has one, is that of an older
 * spec and stays so. An operator that is not there may still come (another deploy brings it), so it has `controllerGraceMs`, and
 * counts as absent only by a look from after that.
 */
export function unlessUnattended(entry: ObservedObject, assessment: Assessment, context: RuleContext): Assessment {
  if (assessment.isUnanswered !== true || assessment.progress.state === 'paused') return assessment
  const graceEnds = specSince(entry) + context.options.controllerGraceMs
  const lack = context.options.actorOf(entry.object, context.at < graceEnds ? Number.NEGATIVE_INFINITY : graceEnds)
  if (lack === undefined) return assessment
  const { progress, symptoms } = assessment
  if (lack.state === 'unchecked') {
    // Nobody knows: what would be told is told, with that.
    if (progress.state === 'ready')
      return {
        ...assessment,
        progress: { ...progress, remark: [progress.remark, lack.text].filter(Boolean).join('; ') },
      }
    return { ...assessment, progress: progressing(`${progress.reason} (${lack.text})`) }
  }
  const said = `nothing acts on it: ${lack.text}`
  return {
    ...assessment,
    progress: progressing(said),
    symptoms: [...symptoms, absence(entry, said, lack.state === 'absent' && lack.isOld !== true ? graceEnds : NEVER)],
  }
}

/** `dueAt`: never for one whose pod is not available, as it may be on its way. */
function absence(entry: ObservedObject, said: string, dueAt: number): Symptom {
  return {
    code: 'E_NO_OPERATOR',
    message: `is not ready: ${said}`,
    brief: said,
    on: entry,
    below: [],
    hint: kubectl(['get', 'deployments,statefulsets,daemonsets', '--all-namespaces']),
    dueAt,
    seq: ALWAYS_FRESH,
  }
}
