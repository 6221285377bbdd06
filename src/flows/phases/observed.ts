import type { AccessRules } from '../../domain/access/model.ts'
import type { Release } from '../../domain/config/model.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { ApiResource, KubeObject } from '../../domain/kube.ts'
import type { Outdated } from '../../domain/manifest/outdated.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import type { SourceObject } from '../../domain/migrate/source.ts'
import type { ClusterVersion } from '../../ports.ts'
import type { Opened } from './opened.ts'

export interface NamespaceFacts {
  readonly name: string
  /** Undefined: it is not there, or forge may not see it. */
  readonly object: KubeObject | undefined
  /** Forge may not look whether it is there. */
  readonly isHidden?: true
  readonly rules: AccessRules
}

export interface ClusterFacts {
  readonly version: ClusterVersion
  readonly resources: readonly ApiResource[]
  /** The environment's first, then those in which other releases live. */
  readonly namespaces: readonly [NamespaceFacts, ...NamespaceFacts[]]
  /** Undefined: forge may not see them. */
  readonly nodes: readonly KubeObject[] | undefined
}

/** A record of helm's that helm itself cannot read any more, and why. */
export interface OutdatedRecord {
  readonly revision: number
  readonly objects: readonly Outdated[]
}

/** A release that this run leaves as it is: one that was not asked for, or that forge.yaml does not name any more. */
export interface LeftOut {
  readonly name: string
  readonly namespace: string
  /** Newest first. Empty: not installed. Undefined: it may not be read. */
  readonly history: readonly ReleaseRecord[] | undefined
  /** This project deployed it, and nobody has taken it over since. */
  readonly isOwn: boolean
}

/** One release as helm's records have it. */
export interface ObservedRelease {
  readonly release: Release
  readonly history: readonly ReleaseRecord[]
  /** Why it is not known whether it was ever deployed: its records may not be read. */
  readonly unseen?: string
  /** The revision that a rollback goes back to; undefined: it was never deployed. */
  readonly before: ReleaseRecord | undefined
  /** What `before` states. */
  readonly previous: readonly Rendered[]
  /** How helm will write its objects: as manager `helm` with server-side apply, or with its three-way patch. */
  readonly way: 'apply' | 'patch'
  /** Records that helm can read only once they were rewritten. */
  readonly outdated?: readonly OutdatedRecord[]
  /** Live objects that belonged to no release, by key, and that this one takes over. */
  readonly adopts?: ReadonlyMap<string, KubeObject>
  /** Says what keeps the record of `before` from being read, or a part of it: then that is unknown. */
  readonly unread?: string | undefined
}

/** What ran before helm, as `forge migrate-to-helm` finds it. */
export interface LegacyStack {
  /** What it was made from, by key. */
  readonly source: ReadonlyMap<string, SourceObject>
  /** All that is live where the releases live, by key; of kinds that may not be listed nothing. */
  readonly live: ReadonlyMap<string, KubeObject>
}

/** The cluster as it is, read once. */
export interface Observed<Release extends ObservedRelease = ObservedRelease> extends Opened {
  readonly facts: ClusterFacts
  readonly releases: readonly Release[]
  /** What the project runs beside them, and this run leaves as it is. */
  readonly leftOut: readonly LeftOut[]
  /** Releases that somebody else made, each in a sentence. A run that goes on takes them over. */
  readonly foreign: readonly (Pick<ObservedRelease, 'release'> & { readonly text: string })[]
  /** Undefined: nothing is migrated. */
  readonly legacy?: LegacyStack
}
