import { keyOf, nameOf, namespacesOf, refOf, type KubeObject } from '../../domain/kube.ts'
import {
  allowsGrowth,
  claimChanges,
  STORAGE,
  templateClaims,
  type ClaimChange,
  type GrowingClaim,
} from '../../domain/plan/claims.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { withValues } from '../../domain/plan/preserved.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Assessed, ReleasePlan } from '../phases/planned.ts'
import { checkPermissions } from '../observe/permissions.ts'
import { needed, settle, unchecked } from '../phases/findings.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { stale } from '../observe/stale.ts'

const CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
/** Controllers write a claim's status now and then; a change that meets one is tried again. */
const ATTEMPTS = 5

/** What is planned of claims that no manifest states, by release, and these claims as they are. */
export interface Growth {
  readonly plans: ReadonlyMap<string, readonly ObjectPlan[]>
  readonly claims: readonly KubeObject[]
}

/**
 * A volume never shrinks, and grows only where its class allows it: both are found before anything is written. A claim
 * of the chart is helm's to change; those that a StatefulSet's template made are planned here, by the release.
 */
export async function planClaims(context: Assessed, signal: AbortSignal): Promise<Growth> {
  const { releases, live } = context
  const pairs = releases.flatMap((work) =>
    work.rendered.flatMap(({ object, hook, template }) => {
      const now = hook === undefined ? live.get(keyOf(object)) : undefined
      return now === undefined ? [] : [{ work, object, now, template, changes: claimChanges(object, now) }]
    }),
  )
  const changes = pairs.flatMap((pair) => pair.changes)
  const shrinking = changes.find(({ grows }) => !grows)
  if (shrinking !== undefined) throw refusedClaim('E_CLAIM_SHRINK', shrinking, 'a volume cannot shrink', context)
  const growing = pairs.filter((pair) => pair.changes.length > 0)
  const sets = growing.filter(({ object }) => object.kind === 'StatefulSet')
  const claims = sets.length === 0 ? [] : await liveClaims(context, sets, signal)
  const made = sets.map((pair) => ({ ...pair, claims: templateClaims(pair.object, pair.now, claims) }))
  const own = growing.filter(({ object }) => object.kind !== 'StatefulSet')
  await checkClasses(
    [...own.flatMap((pair) => pair.changes), ...made.flatMap((pair) => pair.claims.map(({ change }) => change))],
    context,
    signal,
  )
  const plans = new Map<string, ObjectPlan[]>()
  for (const pair of made) {
    const { name } = pair.work.release
    const found = await Promise.all(pair.claims.map(async (one) => await planGrowth(one, pair, context, signal)))
    plans.set(name, [...(plans.get(name) ?? []), ...found])
  }
  return { plans, claims: made.flatMap((one) => one.claims.map(({ claim }) => claim)) }
}

async function liveClaims(
  context: Assessed,
  sets: readonly { readonly object: KubeObject }[],
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const { cluster, facts } = context
  const places = namespacesOf(sets.map(({ object }) => object))
  const permissions = ['list', 'patch', 'update'].map((verb) => ({
    verb,
    group: '',
    resource: 'persistentvolumeclaims',
  }))
  const own = facts.namespaces.filter(({ name }) => places.includes(name))
  settle(context, checkPermissions(own.map(({ name, rules }) => ({ namespace: name, rules, permissions }))))
  const what = `whether the claims of ${sets.map(({ object }) => nameOf(object)).join(', ')} can grow`
  const lists = await Promise.all(
    places.map(async (namespace) => unlessForbidden(cluster.list(CLAIM, { namespace }, signal), needed(context, what))),
  )
  return lists.flatMap((list) => list ?? [])
}

async function checkClasses(changes: readonly ClaimChange[], context: Assessed, signal: AbortSignal): Promise<void> {
  if (changes.length === 0) return
  const kind = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }
  const classes = await unlessForbidden(context.cluster.list(kind, {}, signal))
  if (classes === undefined) {
    const names = changes.map(({ name }) => name).join(', ')
    return settle(context, [unchecked(`whether ${names} may grow`, 'StorageClass may not be read')])
  }
  const stuck = changes.find(({ storageClass }) => allowsGrowth(storageClass, classes) === false)
  if (stuck === undefined) return
  const name = stuck.storageClass ?? '(the default one)'
  throw refusedClaim('E_CLAIM_GROW', stuck, `StorageClass ${name} does not let claims grow`, context)
}

/** Tried with a dry run: a claim that is not bound, or a quota, is found before anything is written. */
async function planGrowth(
  { claim, change }: GrowingClaim,
  { work, object: set, template }: Pick<Rendered, 'object' | 'template'> & { readonly work: ReleasePlan },
  context: Assessed,
  signal: AbortSignal,
): Promise<ObjectPlan> {
  const { from, to } = change
  const ref = refOf(claim)
  const { name, namespace } = ref
  const wanted: KubeObject = {
    ...CLAIM,
    metadata: namespace === undefined ? { name } : { name, namespace },
    spec: { resources: { requests: { storage: to } } },
  }
  const tried = await context.cluster.predict(wanted, { mode: 'patch', previous: undefined, live: claim }, signal)
  if (tried.kind === 'immutable' || tried.kind === 'invalid' || tried.kind === 'webhook-silent')
    throw refusedClaim('E_CLAIM_GROW', change, tried.message, context)
  return {
    ref,
    release: work.release.name,
    action: 'change',
    changes: [{ path: STORAGE, before: from, after: to }],
    drift: [],
    conflicts: [],
    ...(tried.kind === 'not-checked' ? { notChecked: tried.why } : {}),
    because: `made by ${nameOf(set)}`,
    grows: to,
    template,
  }
}

/** Before the StatefulSet is made anew: its claims grow one by one, each only if it is the one that the plan saw. */
export async function growClaims({ plans }: ReleasePlan, context: Assessed, signal: AbortSignal): Promise<void> {
  for (const plan of plans) if (plan.grows !== undefined) await growOne(plan, plan.grows, context, signal)
}

async function growOne(plan: ObjectPlan, to: string, context: Assessed, signal: AbortSignal): Promise<void> {
  const { cluster, live } = context
  const uid = live.get(keyOf(plan.ref))?.metadata.uid
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const now = await cluster.get(plan.ref, signal)
    if (now === undefined || now.metadata.uid !== uid) break
    if ((await cluster.replace(withValues(now, [{ path: STORAGE, value: to }]), signal)) !== undefined) return
  }
  throw stale([nameOf(plan.ref)], context)
}

function refusedClaim(
  code: 'E_CLAIM_SHRINK' | 'E_CLAIM_GROW',
  { name, from, to }: ClaimChange,
  why: string,
  context: Assessed,
): ForgeError {
  const { namespace } = context.project.environment
  const claims = kubectl(['get', 'persistentvolumeclaims'], namespace)
  return new ForgeError(code, `${name} has ${from} and would get ${to}: ${why}`, {
    hint: code === 'E_CLAIM_GROW' ? kubectl(['get', 'storageclass']) : claims,
    where: claimLine(to, context) ?? name,
  })
}

/** The value that asks for this size, if only one does. */
function claimLine(to: string, { releases }: Assessed): string | undefined {
  const found = releases.flatMap(({ configuration }) =>
    [...configuration.origins].filter(([, [won]]) => won.value === to),
  )
  const [first, second] = found
  if (first === undefined || second !== undefined) return undefined
  const { origin } = first[1][0]
  return origin.kind === 'file' ? `${origin.at.file}:${origin.at.line}` : `${origin.text} ${first[0]}`
}
