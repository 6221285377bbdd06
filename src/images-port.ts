import type { GitAddress } from './domain/images/address.ts'
import type { ImageBuild } from './domain/images/build.ts'
import type { ContextFile } from './domain/images/content.ts'
import type { Ignore } from './domain/images/ignore.ts'

export type { ImageBuild }

/** What builds of images can see. */
export interface BuildContexts {
  isFolder(path: string): Promise<boolean>
  /** All below an absolute folder that is not left out. Throws E_FILE_UNREADABLE. */
  files(folder: string, ignore: Ignore, signal: AbortSignal): Promise<readonly ContextFile[]>
  /** Where a folder comes from, as far as git knows: its commit (`…-dirty` with changes), and the address without any login. */
  origin(folder: string, signal: AbortSignal): Promise<{ readonly commit?: string; readonly address?: string }>
  /** The commit that a repository elsewhere is at; why it cannot be told. */
  commit(address: GitAddress, signal: AbortSignal): Promise<{ readonly commit: string } | { readonly problem: string }>
}

/**
 * The container CLI of this machine, looked up when it is first needed. Every call throws E_IMAGE_BUILDER_MISSING when
 * there is none that works; `onLine` gets its output as it comes.
 */
export interface Builder {
  /** Its name: `buildx`, `buildah`, `podman` or `docker`. */
  find(signal: AbortSignal): Promise<string>
  /** Makes the image and calls it `ref` here. Throws E_IMAGE_BUILD. */
  build(image: ImageBuild, ref: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  /** Of what was built: the digest that the registry gave it, `sha256:…`, if the builder tells it. Throws E_IMAGE_PUSH. */
  push(image: ImageBuild, ref: string, onLine: (line: string) => void, signal: AbortSignal): Promise<string | undefined>
}

/** What a registry says of a reference with a tag or a digest. */
export type Registered =
  | { readonly is: 'there'; readonly digest: string }
  | { readonly is: 'absent' }
  /** Nobody can tell: it did not answer, or not to forge. */
  | { readonly is: 'unknown'; readonly why: string }

export interface Registries {
  look(ref: string, signal: AbortSignal): Promise<Registered>
}
