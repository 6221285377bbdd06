import { publicCommand } from '../journal/command.ts'
import type { ObjectRef } from '../kube.ts'
import { LEASE_MS, type Claim, type Lease, type LockHolder } from './model.ts'
import type { StateScope } from '../state-scope.ts'

const COMMAND = 'forge.api-forge.io/command'
const PID = 'forge.api-forge.io/pid'
/** Of the present holder. */
const DEPLOY = 'forge.api-forge.io/deploy'
/** The highest of all holders: it outlives them. */
const LAST_DEPLOY = 'forge.api-forge.io/last-deploy'

export const LEASE_KIND = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const

export function leaseRef({ project, namespace }: StateScope): ObjectRef {
  return { ...LEASE_KIND, namespace, name: `forge-${project}` }
}

/** The Lease with a new holder: made if there was none, else all that others put on it is kept. `now` in ms. */
export function claimed(lease: Lease | undefined, scope: StateScope, claim: Claim, now: number): Lease {
  const { namespace, name } = leaseRef(scope)
  const time = microTime(now)
  return {
    ...LEASE_KIND,
    ...lease,
    metadata: {
      ...lease?.metadata,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...lease?.metadata.labels, 'forge.api-forge.io/project': scope.project },
      annotations: { ...withoutHolder(lease), [COMMAND]: publicCommand(claim.command), [PID]: String(claim.pid) },
    },
    spec: {
      ...lease?.spec,
      holderIdentity: claim.identity,
      leaseDurationSeconds: LEASE_MS / 1000,
      acquireTime: time,
      renewTime: time,
      // Every claim counts one up, so holder and count together name one tenure, whatever the clocks say.
      leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + 1,
    },
  }
}

export function renewed(lease: Lease, now: number): Lease {
  return { ...lease, spec: { ...lease.spec, renewTime: microTime(now) } }
}

export function withDeploy(lease: Lease, deploy: number): Lease {
  const annotations = { ...lease.metadata.annotations, [DEPLOY]: String(deploy) }
  return { ...lease, metadata: { ...lease.metadata, annotations } }
}

/** Free for the next one. The object and its deploy number stay: the number must never be used again. */
export function released(lease: Lease, now: number): Lease {
  const { acquireTime: _since, ...spec } = lease.spec ?? {}
  return {
    ...lease,
    metadata: { ...lease.metadata, annotations: withoutHolder(lease) },
    spec: { ...spec, holderIdentity: '', renewTime: microTime(now) },
  }
}

/** Undefined: nobody holds it. */
export function holderOf(lease: Lease | undefined): LockHolder | undefined {
  const { holderIdentity: identity, acquireTime, renewTime } = lease?.spec ?? {}
  if (identity === undefined || identity === '') return undefined
  const annotations = lease?.metadata.annotations
  return {
    identity,
    pid: wholeNumber(annotations?.[PID]),
    command: annotations?.[COMMAND],
    since: acquireTime,
    renewed: renewTime,
    deploy: wholeNumber(annotations?.[DEPLOY]),
  }
}

/** The highest deploy number that a holder of this Lease has noted. */
export function lastDeploy(lease: Lease | undefined): number | undefined {
  const noted = [LAST_DEPLOY, DEPLOY].map((name) => wholeNumber(lease?.metadata.annotations?.[name]) ?? 0)
  return Math.max(...noted) || undefined
}

function withoutHolder(lease: Lease | undefined): Record<string, string> {
  const { [COMMAND]: _command, [PID]: _pid, [DEPLOY]: _deploy, ...annotations } = lease?.metadata.annotations ?? {}
  const last = lastDeploy(lease)
  return { ...annotations, ...(last === undefined ? {} : { [LAST_DEPLOY]: String(last) }) }
}

export function sameTenure(a: Lease, b: Lease): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.spec?.holderIdentity === b.spec?.holderIdentity &&
    a.spec?.leaseTransitions === b.spec?.leaseTransitions
  )
}

/** What an observer learns from seeing the Lease again. */
export type LeaseChange =
  /** Nothing, or a state older than the one known (a list from a cache). */
  | 'same'
  /** Somebody edited it, but its holder gave no sign of life. */
  | 'touched'
  /** The holder lives: it has renewed, or it is a new one. */
  | 'alive'
  | 'free'

export function changeOf(before: Lease | undefined, after: Lease): LeaseChange {
  if (before !== undefined && isOlder(after, before)) return 'same'
  if (holderOf(after) === undefined) return 'free'
  if (before === undefined || !sameTenure(before, after)) return 'alive'
  if (before.spec?.renewTime !== after.spec?.renewTime) return 'alive'
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'same' : 'touched'
}

/** Resource versions of one object are decimal numbers that grow (KEP-5504). */
function isOlder(a: Lease, b: Lease): boolean {
  const [left, right] = [a.metadata.resourceVersion ?? '', b.metadata.resourceVersion ?? '']
  if (a.metadata.uid !== b.metadata.uid || !/^\d+$/u.test(left) || !/^\d+$/u.test(right)) return false
  return BigInt(left) < BigInt(right)
}

/** The API server takes exactly six digits of a second's fraction (metav1.MicroTime). */
function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z')
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined
}

/** True when `seen` is what this run tried to write: its answer got lost and a retry met its own result. */
export function isOwnClaim(seen: Lease, tried: Lease | undefined): boolean {
  return (
    tried !== undefined &&
    seen.spec?.holderIdentity === tried.spec?.holderIdentity &&
    seen.spec?.leaseTransitions === tried.spec?.leaseTransitions &&
    seen.spec?.acquireTime === tried.spec?.acquireTime &&
    seen.metadata.annotations?.[PID] === tried.metadata.annotations?.[PID]
  )
}
