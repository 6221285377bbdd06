import { keyOf, nameOf, refOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { claimPrefixes, ordinalAfter, usedClaims } from '../manifest/claim-references.ts'
import type { Rendered } from '../manifest/parse.ts'
import { references } from '../manifest/references.ts'
import { RELEASE_NAME } from './ownership.ts'

export interface OwnedClaim {
  readonly name: string
  readonly namespace: string
  /** `10Gi`; undefined where it does not say. */
  readonly size: string | undefined
  /** The release's own, or what made it: `StatefulSet/db`. */
  readonly of: string
}

export interface Staying {
  /** `Secret/db` */
  readonly object: string
  readonly because: string
}

export interface Uninstall {
  /** What helm takes away. */
  readonly goes: readonly ObjectRef[]
  /** What stays although the release made it: claims, and what says `helm.sh/resource-policy: keep`. */
  readonly stays: readonly string[]
  /** Of those, what helm would delete if nobody said otherwise, claims aside. */
  readonly kept: readonly Staying[]
  /** Claims that the release owns, with the data in them. */
  readonly claims: readonly OwnedClaim[]
  /** What helm would delete with the release, data and all: it must be told to leave them. */
  readonly endangered: readonly KubeObject[]
}

export interface UninstallFacts {
  /** By `keyOf`. */
  readonly live: ReadonlyMap<string, KubeObject>
  readonly claims: readonly KubeObject[]
  /** By the definition's name. Missing: they may not be listed. */
  readonly instances: ReadonlyMap<string, readonly string[]>
  /** Claims are deleted with all that is in them: nothing is needed to read it. */
  readonly deleteData: boolean
}

const KEEP = 'helm.sh/resource-policy'

/** What uninstalling one release does to each of its live objects. Nothing that the release does not own is in it. */
export function planUninstall(release: string, manifest: readonly Rendered[], facts: UninstallFacts): Uninstall {
  const { live, claims } = facts
  const own = manifest.flatMap(({ object, hook }) => (hook === undefined ? (live.get(keyOf(object)) ?? []) : []))
  const mine = own.filter((object) => object.metadata.annotations?.[RELEASE_NAME] === release)
  const marked = (object: KubeObject): boolean => object.metadata.annotations?.[KEEP] === 'keep'
  // helm goes by the manifest in its record, not by what is written on the live object (pkg/action, resource_policy.go).
  const known = new Set(manifest.filter(({ object }) => marked(object)).map(({ object }) => keyOf(object)))
  const reasons = new Map(mine.map((object) => [keyOf(object), whyKept(object, mine, facts)]))
  const stays = (object: KubeObject): boolean => marked(object) || reasons.get(keyOf(object)) !== undefined
  const made = mine.filter(({ kind }) => kind === 'StatefulSet').flatMap((set) => claimsOf(set, claims))
  // An earlier uninstallation, or a chart that no longer renders them, has left them behind.
  const left = claims.filter(({ metadata }) => metadata.annotations?.[RELEASE_NAME] === release)
  const disks = new Map([...mine.filter(isClaim), ...left].map((claim) => [keyOf(claim), claim]))
  // helm deletes what its record has, whoever it belongs to by now.
  const others = own.filter((object) => isOthers(object, release))
  const endangered = [...mine.filter(stays), ...others].filter((object) => !known.has(keyOf(object)))
  return {
    goes: mine.filter((object) => !stays(object)).map(refOf),
    stays: mine.filter(stays).map(nameOf),
    kept: endangered
      .filter((object) => !isClaim(object) && !others.includes(object))
      .map((object) => ({ object: nameOf(object), because: reasons.get(keyOf(object)) ?? `${KEEP}: keep` })),
    claims: [...[...disks.values()].map((claim) => ownedClaim(claim, `release ${release}`)), ...made],
    endangered,
  }
}

function isOthers({ metadata: { annotations = {} } }: KubeObject, release: string): boolean {
  const owner = annotations[RELEASE_NAME]
  return owner !== undefined && owner !== release
}

function isClaim({ kind }: KubeObject): boolean {
  return kind === 'PersistentVolumeClaim'
}

/** Why an object does not go with its release. Undefined: it goes. */
function whyKept(object: KubeObject, mine: readonly KubeObject[], facts: UninstallFacts): string | undefined {
  switch (object.kind) {
    case 'PersistentVolumeClaim':
      return 'it holds data'
    case 'PersistentVolume':
      return 'it holds data'
    case 'Namespace':
      return 'all that is in it would go'
    case 'CustomResourceDefinition':
      return whyDefinition(facts.instances.get(object.metadata.name))
    case 'Secret':
      return facts.deleteData ? undefined : whySecret(object, mine, facts.claims)
    default:
      return undefined
  }
}

function whyDefinition(instances: readonly string[] | undefined): string | undefined {
  if (instances === undefined) return 'its instances may not be listed, and would go with it'
  const [first] = instances
  return first === undefined ? undefined : `its instances would go with it: ${first}${moreOf(instances.length - 1)}`
}

function moreOf(count: number): string {
  return count === 0 ? '' : ` and ${count} more`
}

/** A database takes its password from its data, not from the next Secret. */
function whySecret(secret: KubeObject, mine: readonly KubeObject[], claims: readonly KubeObject[]): string | undefined {
  const { name, namespace } = secret.metadata
  const users = mine.filter(
    (object) =>
      object.metadata.namespace === namespace &&
      references(object).some((one) => one.kind === 'Secret' && one.name === name),
  )
  const claim = claims.find((one) => users.some((object) => usedClaims(object)?.(one) === true))
  return claim === undefined ? undefined : `the data of ${nameOf(claim)} may be locked without it`
}

function claimsOf(set: KubeObject, claims: readonly KubeObject[]): OwnedClaim[] {
  const prefixes = claimPrefixes(set)
  return claims
    .filter(({ metadata: { name, namespace } }) => {
      const isNear = namespace === set.metadata.namespace
      return isNear && prefixes.some((prefix) => ordinalAfter(prefix, name) !== undefined)
    })
    .map((claim) => ownedClaim(claim, nameOf(set)))
}

export function ownedClaim(claim: KubeObject, of: string): OwnedClaim {
  const { resources } = (claim['spec'] ?? {}) as { resources?: { requests?: { storage?: string } } }
  const { name, namespace = '' } = claim.metadata
  return { name, namespace, size: resources?.requests?.storage, of }
}
