import type { Image } from '../../domain/config/model.ts'
import type { LocalCluster } from '../../domain/images/loaders.ts'
import type { Builder, BuildContexts, NodeImages, Registered, Registries } from '../../ports.ts'
import type { ProjectPorts, SecretSink } from '../project/ports.ts'

export interface ImagesRequest {
  readonly images: readonly Image[]
  readonly environment: string
  /** The project's folder, absolute. */
  readonly dir: string
  readonly target: 'sandbox' | 'cluster'
  readonly skipBuild: boolean
  /** Nodes that take images from this machine. */
  readonly nodes?: LocalNodes | undefined
  /** What the live releases were deployed with (`ReleaseRecord.config`), by release. */
  readonly previousValues: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

export interface LocalNodes {
  readonly images: NodeImages
  /** Also what names a registry goes there, and is not pushed. */
  readonly takesAll: boolean
}

export interface ImagesPorts extends ProjectPorts {
  readonly builder: Builder
  readonly contexts: BuildContexts
  readonly registries: Registries
  readonly nodeImages: (cluster: LocalCluster) => NodeImages
  /** That of this machine: `linux/amd64`. */
  readonly platform: string
  readonly redactor: SecretSink
  /** What is being done: `building app`. */
  readonly progress: (text: string) => void
  /** The builder's output. */
  readonly onLine: (line: string, image: string) => void
}

/** What each image is made with. `signal` ends it, and so does the first one that fails. */
export type ImageWork = Pick<ImagesRequest, 'dir' | 'nodes'> & ImagesPorts & { readonly warnings: string[] }

/** Why a reference cannot be pinned to what its registry has. */
export function whyNot(registered: Exclude<Registered, { is: 'there' }>): string {
  return registered.is === 'absent' ? 'its registry does not have it' : registered.why
}
