import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { manifestToSend } from '../../domain/manifest/to-send.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { liveValues, withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import type { Charts } from '../../ports.ts'
import type { DeployContext, ReleaseWork } from '../deploy/context.ts'

/**
 * What helm has to be given so that preserved fields survive: its own render with the live values in their places. The
 * same for both helms: left to themselves, helm 3 overwrites such a field and helm 4 fails on it. A saved plan whose chart
 * renders differently each time brings its render along. Undefined: helm renders as usual.
 */
export function rewriteOf(work: ReleaseWork, { live, preserved, charts }: DeployContext): Rewrite | undefined {
  const previous = previousObjects(work)
  const objects: Record<string, KeptValue[]> = {}
  for (const { object, hook } of work.rendered) {
    const key = keyOf(object)
    const now = hook === undefined ? live.get(key) : undefined
    const values = now === undefined ? [] : liveValues(object, previous.get(key), now, preserved(object))
    if (values.length > 0) objects[key] = values
  }
  const { namespace } = work.release
  if (work.frozen === undefined) return Object.keys(objects).length === 0 ? undefined : { keep: { namespace, objects } }
  const kept = work.rendered.flatMap(({ object }): [string, KubeObject][] => {
    const values = objects[keyOf(object)]
    return values === undefined ? [] : [[keyOf(object), withValues(object, values)]]
  })
  return { manifest: manifestToSend(work.rendered, new Map(kept), { major: charts.major, namespace }) }
}

type Rewrite = NonNullable<Parameters<Charts['upgrade']>[0]['rewrite']>

/**
 * helm 4's --force-conflicts. All that it would overwrite is in the plan by now: drift that the policy gives up, or fields
 * that another manager owns with the very value that was deployed. helm refuses the option for releases that helm 3 made.
 */
export function overridesConflicts({ way, plans }: ReleaseWork, { project, options }: DeployContext): boolean {
  const overwrite = project.environment.drift.policy === 'overwrite' || options.overwriteDrift === true
  return way === 'apply' && (overwrite || plans.some(({ conflicts }) => conflicts.length > 0))
}
