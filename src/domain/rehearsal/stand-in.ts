import type { Project } from '../config/model.ts'
import type { KubeObject } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'
import type { KeptValue } from '../plan/preserved.ts'
import type { Disguise } from './disguise.ts'

/**
 * What a release is to be, as the environment's plan has it. It is not rendered again: what a chart looks up in a sandbox is made
 * up, and so would be what it makes of that (a checksum, which restarts pods).
 */
export interface RenderedThere {
  readonly manifest: string
  readonly rendered: readonly Rendered[]
  /** What forge adds to pod templates, by the workload's key: what Secrets really hold decides. */
  readonly marks: ReadonlyMap<string, readonly KeptValue[]>
}

/** What takes the place of an environment while its deploy is rehearsed. */
export interface StandIn {
  readonly disguise: Disguise
  /** By the release's name. */
  readonly releases: ReadonlyMap<string, RenderedThere>
  /** The project as a sandbox can carry it. */
  readonly project: (project: Project) => Project
  /** What a chart renders, as the sandbox gets it: with made-up secrets, and with the failure that is let happen. */
  readonly object: (object: KubeObject) => KubeObject
}
