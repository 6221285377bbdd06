import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { markPath } from '../../domain/manifest/restart-marks.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { withValues, type KeptValue } from '../../domain/plan/preserved.ts'
import { versionAfter, type HomePlan, type Homes } from '../../domain/vault/plan.ts'
import { homeMark, homeVersionOf, readerOf } from '../../domain/vault/readers.ts'
import type { Desired, DesiredRelease } from '../phases/desired.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { sameSince } from './standing.ts'

/**
 * Writes into each pod template which version of its Vault paths its pods begin with, so that they restart when, and only when,
 * a key that they take has moved. An agent renews its files; what a program read at its start stays what it was.
 */
export async function markReaders(desired: Desired, ports: Pick<DeployPorts, 'redactor'>): Promise<Desired> {
  const { homes } = desired
  if (homes === undefined || homes.plans.length === 0) return desired
  const wanted = wantedMarks(homes, ports)
  const releases = desired.releases.map(async (work): Promise<DesiredRelease> => {
    const previous = previousObjects(work)
    const marks = new Map(work.marks)
    const rendered = work.rendered.map(async (one) => {
      if (one.hook !== undefined) return one
      const key = keyOf(one.object)
      const own = await wanted(one.object, previous.get(key))
      if (own.length === 0) return one
      marks.set(key, [...(marks.get(key) ?? []), ...own])
      return { ...one, object: withValues(one.object, own) }
    })
    return { ...work, rendered: await Promise.all(rendered), marks }
  })
  return { ...desired, releases: await Promise.all(releases) }
}

/** For releases that stay what they are: `names` says whose readers are meant. */
export function remarked(
  homes: Homes | undefined,
  names: readonly string[] | undefined,
  ports: Pick<DeployPorts, 'redactor'>,
) {
  const meant = homes?.plans.filter(({ name }) => names?.includes(name) ?? true) ?? []
  const wanted = wantedMarks({ plans: meant, store: homes?.store }, ports)
  return async (object: KubeObject): Promise<KubeObject> => withValues(object, await wanted(object, object))
}

function wantedMarks(homes: Homes, { redactor }: Pick<DeployPorts, 'redactor'>) {
  const isSame = sameSince(homes, redactor)
  return async (object: KubeObject, before: KubeObject | undefined): Promise<KeptValue[]> => {
    const marks = homes.plans.map(async (plan): Promise<KeptValue[]> => {
      const reader = readerOf(object, plan.path)
      if (reader === undefined) return []
      const value = await markValue(plan, homeVersionOf(before, plan.name), reader.keys, isSame)
      return value === undefined ? [] : [{ path: markPath(homeMark(plan.name)), value }]
    })
    return (await Promise.all(marks)).flat()
  }
}

async function markValue(
  plan: HomePlan,
  before: string | undefined,
  keys: readonly string[] | undefined,
  isSame: ReturnType<typeof sameSince>,
): Promise<string | undefined> {
  const after = versionAfter(plan)
  if (after === undefined || before === String(after)) return before
  if (before === undefined) return String(after)
  const { write } = plan
  if (write?.keys.some((key) => keys?.includes(key) ?? true) === true) return String(after)
  if (Number(before) === plan.now?.version) return before
  return (await isSame(plan, Number(before), keys)) ? before : String(after)
}
