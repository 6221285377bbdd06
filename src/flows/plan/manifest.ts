import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { readRecord } from '../../domain/manifest/record.ts'
import { hooksBeside, manifestToSend } from '../../domain/manifest/to-send.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { recordedOtherwise } from '../../domain/plan/recorded.ts'
import { isMoving, liveValues, withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import type { Assessed, Planned, ReleasePlan } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { isNamespaced } from '../observe/kinds.ts'

/**
 * What helm has to be given so that preserved fields survive and consumers restart: the render that was planned, with these
 * values in their places. The same for both helms: left to themselves, helm 3 overwrites such a field and helm 4 fails on
 * it. A chart that renders differently each time is written as it was planned, and so is a stranger's (`--untrusted`): with
 * the cluster at hand it might render more. Undefined: helm renders as usual.
 */
export function rewriteOf(
  work: ReleasePlan,
  context: Planned,
  { project: { confinement } }: Pick<DeployPorts, 'project'>,
): string | undefined {
  const { charts, facts } = context
  const kept = keptValues(work, context)
  const { rendered, manifest, marks, release } = work
  const isFixed = work.frozen !== undefined || confinement !== undefined
  if (!isFixed && marks.size === 0 && Object.keys(kept).length === 0) return undefined
  const objects = rendered.flatMap(({ object }): [string, KubeObject][] => {
    const values = kept[keyOf(object)]
    return values === undefined ? [] : [[keyOf(object), withValues(object, values)]]
  })
  const { namespace } = release
  const send = { rendered, manifest, objects: new Map(objects), namespace, isNamespaced: isNamespaced(facts.resources) }
  return manifestToSend(send, charts.major)
}

/** In a rehearsal helm is given no chart that could hold a secret: all that it writes is known. */
export function bareOf(
  { rendered, release: { namespace } }: ReleasePlan,
  { charts }: Pick<Planned, 'charts'>,
  { project: { standIn } }: Pick<DeployPorts, 'project'>,
): { readonly hooks: string } | undefined {
  return standIn === undefined ? undefined : { hooks: hooksBeside({ rendered, namespace }, charts.major) }
}

/** Live values by the object's key: those of preserved fields, unless `preserved` says of which. */
export function keptValues(
  work: ReleasePlan,
  { live, preserved }: Pick<Assessed, 'live' | 'preserved'>,
): Record<string, KeptValue[]> {
  const previous = previousObjects(work)
  const replaced = work.plans.filter(({ action }) => action === 'replace').map(({ ref }) => keyOf(ref))
  return Object.fromEntries(
    work.rendered.flatMap(({ object, hook }): [string, KeptValue[]][] => {
      const key = keyOf(object)
      const now = hook === undefined ? live.get(key) : undefined
      const values =
        now === undefined ? [] : liveValues(object, previous.get(key), now, preserved(object), replaced.includes(key))
      return values.length === 0 ? [] : [[key, values]]
    }),
  )
}

const RECORD = 'what cannot be read in it'

/** Objects that helm's record of the live revision states otherwise than the render, by name. */
export function unrecorded(work: ReleasePlan, context: Assessed): string[] {
  const { before, rendered, previous, release, outdated = [], unread } = work
  if (before === undefined) return []
  const namespaced = isNamespaced(context.facts.resources)
  const { rendered: recorded } = readRecord(before, release.namespace, namespaced, { hooks: true })
  const hooks = recorded.filter(({ hook }) => hook !== undefined)
  // What helm cannot read as it stands, or nobody can, is to be written anew.
  const broken = [
    ...outdated.flatMap(({ objects }) => objects.map(({ object }) => object)),
    ...(unread === undefined ? [] : [RECORD]),
  ]
  const kept = keptValues(work, context)
  const moving = keptValues(work, {
    live: context.live,
    preserved: (object) => context.preserved(object).filter(isMoving),
  })
  const otherwise = recordedOtherwise({ rendered, recorded: [...previous, ...hooks], kept, moving })
  return [...new Set([...broken, ...otherwise])]
}

/**
 * helm 4's --force-conflicts: for what the drift policy overwrites, and for fields that somebody once wrote and that a
 * deploy has agreed with since. Anything else has been refused by now. helm refuses the option for releases that helm 3
 * made.
 */
export function overridesConflicts({ way, plans }: ReleasePlan, { project }: Planned): boolean {
  const overwrite = project.environment.drift.policy === 'overwrite'
  return way === 'apply' && (overwrite || plans.some(({ conflicts }) => conflicts.length > 0))
}
