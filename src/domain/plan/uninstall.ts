import { keyOf, nameOf, refOf, type KubeObject, type ObjectRef } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'

export interface OwnedClaim {
  readonly name: string
  /** `10Gi`; undefined where it does not say. */
  readonly size: string | undefined
  /** The release's own, or the StatefulSet whose template made it. */
  readonly of: string
}

export interface Uninstall {
  /** What helm takes away. */
  readonly goes: readonly ObjectRef[]
  /** What stays although the release made it: claims, and what says `helm.sh/resource-policy: keep`. */
  readonly stays: readonly string[]
  /** Claims that the release owns, with the data in them. */
  readonly claims: readonly OwnedClaim[]
  /** Claims that helm would delete with the release, data and all: they must be told to stay first. */
  readonly endangered: readonly KubeObject[]
}

const KEEP = 'helm.sh/resource-policy'

/** What uninstalling one release does to each of its live objects. Nothing that the release does not own is in it. */
export function planUninstall(
  release: string,
  manifest: readonly Rendered[],
  live: ReadonlyMap<string, KubeObject>,
  claims: readonly KubeObject[],
): Uninstall {
  const own = manifest.flatMap(({ object, hook }) => (hook === undefined ? (live.get(keyOf(object)) ?? []) : []))
  const mine = own.filter((object) => object.metadata.annotations?.['meta.helm.sh/release-name'] === release)
  const isClaim = ({ kind }: KubeObject): boolean => kind === 'PersistentVolumeClaim'
  const kept = (object: KubeObject): boolean => object.metadata.annotations?.[KEEP] === 'keep'
  const made = mine.filter(({ kind }) => kind === 'StatefulSet').flatMap((set) => claimsOf(set, claims))
  // An earlier uninstallation, or a chart that no longer renders them, has left them behind.
  const left = claims.filter(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'] === release)
  const known = new Map([...mine.filter(isClaim), ...left].map((claim) => [claim.metadata.name, claim]))
  return {
    goes: mine.filter((object) => !isClaim(object) && !kept(object)).map(refOf),
    stays: mine.filter((object) => isClaim(object) || kept(object)).map(nameOf),
    claims: [...[...known.values()].map((claim) => ownedClaim(claim, `release ${release}`)), ...made],
    endangered: mine.filter((object) => isClaim(object) && !kept(object)),
  }
}

/** The controller names them TEMPLATE-SET-ORDINAL (pkg/controller/statefulset, getPersistentVolumeClaimName). */
function claimsOf(set: KubeObject, claims: readonly KubeObject[]): OwnedClaim[] {
  const templates = (set['spec'] as { volumeClaimTemplates?: readonly { metadata?: { name?: string } }[] })
    .volumeClaimTemplates
  const names = (templates ?? []).map(({ metadata }) => `${metadata?.name ?? ''}-${set.metadata.name}-`)
  return claims
    .filter(({ metadata: { name } }) =>
      names.some((start) => name.startsWith(start) && /^\d+$/u.test(name.slice(start.length))),
    )
    .map((claim) => ownedClaim(claim, nameOf(set)))
}

function ownedClaim(claim: KubeObject, of: string): OwnedClaim {
  const { resources } = (claim['spec'] ?? {}) as { resources?: { requests?: { storage?: string } } }
  return { name: claim.metadata.name, size: resources?.requests?.storage, of }
}
