import type { Project } from '../config/model.ts'
import type { KubeObject } from '../kube.ts'
import type { Disguise } from './disguise.ts'

/** What takes the place of an environment while its deploy is rehearsed. */
export interface StandIn {
  readonly disguise: Disguise
  /** The project as a sandbox can carry it. */
  readonly project: (project: Project) => Project
  /** What a chart renders, as the sandbox gets it: with made-up secrets, and with the failure that is let happen. */
  readonly object: (object: KubeObject) => KubeObject
}
