import { changedBy } from '../../domain/migrate/adopted.ts'
import { claimsOf } from '../../domain/migrate/claims.ts'
import type { MigrationRow } from '../../domain/migrate/model.ts'
import { obstacles, type Obstacle } from '../../domain/migrate/refusals.ts'
import { lastApplied, plain, statedOf } from '../../domain/migrate/stated.ts'
import { isPartial } from '../../domain/config/select.ts'
import { unfinishedIn } from '../../domain/migrate/state.ts'
import { isEqual } from '../../domain/canonical.ts'
import { gitopsOwned } from '../../domain/gitops.ts'
import { keyOf, nameOf, refOf, resourceName, type KubeObject } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import { statedDifferences } from '../../domain/plan/diff.ts'
import { isRunning } from '../../domain/plan/jobs.ts'
import type { OtherUse } from '../../domain/plan/other-uses.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { helmOwner } from '../../domain/plan/ownership.ts'
import { stillUsed } from '../../domain/plan/still-used.ts'
import { stateScope } from '../../domain/state-scope.ts'
import { again, kubectl } from '../../hint.ts'
import { gitopsRefusal } from '../observe/gitops.ts'
import { refuse, settle, warn, type Check } from '../phases/findings.ts'
import type { LegacyStack } from '../phases/observed.ts'
import type { Assessed, Foreseen, Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { renderedObjects } from '../plan/assess.ts'
import { hooksOf } from '../desire/hooks.ts'
import { isAdopting } from './adopt.ts'
import { readOtherUses } from '../plan/still-used.ts'

/** Kinds of which nothing is retired: data, what others may live in, and definitions of what others may have. */
const KEPT: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: 'data stays',
  Namespace: 'a namespace belongs to no release',
  CustomResourceDefinition: 'others may have objects of it',
}

/** What would lose data or run twice is refused before anything is written; `--confirm CLAIM` leaves the data of one behind. */
export const checkObstacles: Check<Foreseen> = (known) => {
  const { releases, legacy, options } = known
  if (legacy === undefined) return []
  const others = besides(known, legacy)
  // What the releases that are left out take over is not known.
  const isWhole = !isPartial(known.project)
  const found = obstacles({
    plans: releases.flatMap(({ plans }) => plans),
    rendered: renderedObjects(known),
    adopted: adoptedOf(known),
    others,
    stack: new Set(isWhole ? others.map(keyOf).filter((key) => legacy.source.has(key)) : []),
  })
  const isAgreed = ({ claim }: Obstacle): boolean => claim !== undefined && options.confirm?.includes(claim) === true
  const open = found.filter((one) => !isAgreed(one))
  const told = found.filter(isAgreed).map(({ message }) => warn(`${message} (--confirm)`))
  const [first] = open
  if (first === undefined) return told
  const { code, message, object } = first
  const look = kubectl(['get', resourceName(object), object.metadata.name, '-o', 'yaml'], object.metadata.namespace)
  const details = {
    hint: first.claim === undefined ? look : again('--confirm', first.claim),
    where: nameOf(object),
    problems: open.map((one) => ({ message: one.message, where: nameOf(one.object) })),
  }
  return [...told, { ...refuse(code, message, details), inPlan: open.map(refusedText) }]
}

function refusedText({ message }: Obstacle): string {
  return `a migration is refused: ${message}`
}

/** All that is taken over, by key, as it is live. */
export function adoptedOf({ releases }: Pick<Assessed, 'releases'>): ReadonlyMap<string, KubeObject> {
  return new Map(releases.flatMap(({ adopts = new Map<string, KubeObject>() }) => [...adopts]))
}

/** What is live beside what the charts render. */
function besides(assessed: Assessed, { live }: LegacyStack): KubeObject[] {
  const rendered = new Set(assessed.releases.flatMap((work) => work.rendered.map(({ object }) => keyOf(object))))
  return [...live.values()].filter((object) => !rendered.has(keyOf(object)) && !isLeaving(object))
}

/** What becomes of every object of the old stack, and of those that are live beside it. */
export async function planMigration(planned: Planned, { signal }: Pick<DeployPorts, 'signal'>): Promise<Planned> {
  const { legacy } = planned
  if (legacy === undefined) return planned
  const adopted = adoptedOf(planned)
  const others = besides(planned, legacy).filter((object) => !isForges(object, planned))
  const part = isPartial(planned.project) ? 'another release may take it over' : undefined
  const users = claimUsers(planned)
  const judged = others.map((object) => {
    const user = users.get(`${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`)
    const kept = user === undefined ? undefined : `${user} has its data there`
    return { object, because: kept ?? whyLeft(object, legacy) ?? part }
  })
  const going = judged.flatMap(({ object, because }) => (because === undefined ? [object] : []))
  const own = [...planned.releases.flatMap(({ plans }) => plans.map(({ ref }) => ref)), ...going.map(refOf)]
  const { uses, unknown } = await readOtherUses(going.map(refOf), own, planned, signal)
  const used = new Map(
    [...uses, ...goOnUsing(planned, going)].map(({ object, by }) => [keyOf(object), `${nameOf(by)} uses it`]),
  )
  // What nobody may look at may be used.
  const whole = unknown[0] === undefined ? undefined : `whether others use it is not known: ${unknown[0]}`
  const left = judged.map(({ object, because }) => {
    return { object, because: because ?? used.get(keyOf(object)) ?? (mayBeNeeded(object) ? whole : undefined) }
  })
  const hooked = hookTwins(planned, legacy)
  const rows: MigrationRow[] = [
    ...hooked.map(({ release, object }): MigrationRow => {
      return { ref: refOf(object), action: 'replace', release, because: 'a hook of the chart has its name' }
    }),
    ...planned.releases.flatMap(({ plans }) => plans.flatMap((plan) => rowOf(plan, adopted) ?? [])),
    ...left.map(({ object, because }): MigrationRow => {
      return because === undefined
        ? { ref: refOf(object), action: 'retire' }
        : { ref: refOf(object), action: 'leave', because }
    }),
  ]
  const retired = left.flatMap(({ object, because }) => (because === undefined ? [object] : []))
  // What the charts render is looked at with the rest.
  const { namespace } = planned.project.environment
  settle(planned, gitopsRefusal(gitopsOwned(retired), namespace, planned.facts.resources))
  const unfinished = unfinishedIn(legacy.live.values(), stateScope(planned.project))
  const unchanged = planned.unchanged && retired.length === 0 && unfinished.length === 0
  return {
    ...asItIs(planned),
    unchanged,
    migration: {
      rows,
      adopted: [...adopted.values()],
      retired,
      hooked: hooked.map(({ object }) => object),
      unfinished,
    },
  }
}

/** Claims that pods of the releases mount, those among them that a StatefulSet has made, and whose. */
function claimUsers(planned: Planned): ReadonlyMap<string, string> {
  return new Map(
    renderedObjects(planned).flatMap((object) =>
      [...claimsOf(object)].map((claim) => {
        return [`PersistentVolumeClaim/${object.metadata.namespace ?? ''}/${claim}`, nameOf(object)] as const
      }),
    ),
  )
}

/** What is taken over, and will be as it is planned. */
function goOnUsing(planned: Planned, going: readonly KubeObject[]): Pick<OtherUse, 'object' | 'by'>[] {
  const plans = planned.releases.flatMap((work) => work.plans)
  const retired = going.map((object): ObjectPlan => {
    return { ref: refOf(object), release: '', action: 'delete', changes: [], drift: [], conflicts: [], template: '' }
  })
  const rendered = new Map(renderedObjects(planned).map((object) => [keyOf(object), object]))
  return stillUsed([...plans, ...retired], rendered, planned.live).map(({ plan, by }) => ({ object: plan.ref, by }))
}

/** helm deletes what has the name of a hook before it runs that. E_MIGRATE_REPLACE where it is at work. */
function hookTwins(
  planned: Planned,
  { live }: LegacyStack,
): { readonly release: string; readonly object: KubeObject }[] {
  const found = planned.releases.filter(isAdopting).flatMap((work) =>
    hooksOf(work).flatMap(({ object: hook }) => {
      const object = live.get(keyOf(hook))
      return object === undefined || isLeaving(object) ? [] : [{ release: work.release.name, object }]
    }),
  )
  const running = found.find(({ object }) => object.kind === 'Job' && isRunning(object))
  if (running !== undefined) {
    const { metadata } = running.object
    const message = `${nameOf(running.object)} still runs, and a hook of the chart has its name`
    const hint = kubectl(['wait', 'job', metadata.name, '--for=condition=complete'], metadata.namespace)
    settle(planned, [
      {
        ...refuse('E_MIGRATE_REPLACE', message, { hint, where: nameOf(running.object) }),
        inPlan: [`a migration is refused: ${message}`],
      },
    ])
  }
  return found
}

/** What is taken over was compared as what it becomes; from there on it is what it is. */
export function asItIs<Known extends Assessed>(known: Known): Known {
  const adopted = adoptedOf(known)
  return { ...known, live: new Map([...known.live].map(([key, object]) => [key, adopted.get(key) ?? object])) }
}

function mayBeNeeded({ kind }: KubeObject): boolean {
  return ['ConfigMap', 'Secret', 'ServiceAccount'].includes(kind)
}

function rowOf(
  { ref, action, release, because, changes }: ObjectPlan,
  adopted: ReadonlyMap<string, KubeObject>,
): MigrationRow | undefined {
  const isAdopted = adopted.has(keyOf(ref))
  if (action === 'replace') return { ref, action, release, ...(because === undefined ? {} : { because }) }
  if (isAdopted) return { ref, action: 'adopt', release, changes: changes.length }
  return action === 'create' ? { ref, action, release } : undefined
}

/** forge's own state, helm's records, and the Secrets that forge.yaml names. */
function isForges({ kind, metadata }: KubeObject, { project, secretPlans }: Planned): boolean {
  const { name, labels = {} } = metadata
  if (kind === 'ConfigMap' && name === 'kube-root-ca.crt') return true
  if (kind === 'ServiceAccount' && name === 'default') return true
  if (kind !== 'Secret') return false
  const isState = Object.keys(labels).some((label) => label.startsWith('forge.api-forge.io/'))
  const isNamed = secretPlans.some((one) => one.name === name) && metadata.namespace === project.environment.namespace
  return isState || isNamed || labels['owner'] === 'helm'
}

/** Undefined: it came from the old stack's source, as it is, and nothing else keeps it. */
function whyLeft(object: KubeObject, { source }: LegacyStack): string | undefined {
  const release = helmOwner(object)?.name
  if (release !== undefined) return `release ${release} has it`
  const stated = source.get(keyOf(object))
  if (stated === undefined) return 'not of the old stack'
  const kept = KEPT[object.kind]
  if (kept !== undefined) return kept
  const applied = lastApplied(object)
  if (applied === undefined) return 'nobody can say that it came from the source: it was not applied with kubectl'
  const isAsStated = stated.at === undefined || isEqual(plain(applied, object), plain(stated.object, object))
  if (!isAsStated) return 'it was applied otherwise than the source says'
  if (object.kind === 'Job' && isRunning(object)) return 'it still runs'
  const changed = statedDifferences(statedOf(object, undefined), object)
  if (changed.length > 0) return `${changed[0]?.path ?? 'a field'} was changed since`
  const by = changedBy(object)
  return by === undefined ? undefined : `${by} has changed it since`
}
