import type { GitAddress } from './domain/images/address.ts'
import type { ImageBuild } from './domain/images/build.ts'
import type { ContextFile } from './domain/images/content.ts'
import type { Ignore } from './domain/images/ignore.ts'
import type { PullLogin } from './domain/images/keyring.ts'

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
  /**
   * Makes the image and calls it `ref` here. `passing`: nothing but `push` follows, so that a builder with a cache of its own need not bring
   * it to this machine (BuildKit without a docker). Throws E_IMAGE_BUILD.
   */
  build(
    image: ImageBuild,
    ref: string,
    onLine: (line: string) => void,
    signal: AbortSignal,
    passing?: boolean,
  ): Promise<void>
  /**
   * Of what was built as `ref`, under the name `to`: the digest that the registry gave it, `sha256:…`, if the builder tells it. Throws
   * E_IMAGE_PUSH.
   */
  push(
    image: ImageBuild,
    name: BuiltName,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<string | undefined>
  /** Writes what was built as `ref` into a file, as `docker save` does, which goes when it was used. Throws E_IMAGE_LOAD. */
  save(image: ImageBuild, ref: string, use: (file: string) => Promise<void>, signal: AbortSignal): Promise<void>
}

export interface BuiltName {
  readonly ref: string
  readonly to: string
}

/** The nodes of a cluster that take images from this machine. All throws E_IMAGE_LOAD. */
export interface NodeImages {
  /** `kind cluster dev` */
  readonly what: string
  /** The nodes that do not have a reference. */
  lacking(ref: string, signal: AbortSignal): Promise<readonly string[]>
  /** Of a file that a builder has saved. */
  load(file: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
}

/** What a registry says of a reference with a tag or a digest. */
export type Registered =
  | { readonly is: 'there'; readonly digest: string }
  | { readonly is: 'absent' }
  /** Nobody can tell: it did not answer, or not to forge. */
  | { readonly is: 'unknown'; readonly why: string }

/** What a registry says to a node that pulls: an image, or why it gives none. */
export type Pullable =
  /** `platforms`: those that it is built for, `linux/amd64`. Undefined: nobody can tell, or nobody asked. */
  | { readonly is: 'there'; readonly digest: string; readonly platforms?: readonly string[] }
  | { readonly is: 'absent' }
  /** It wants a login, or not the one that it got. */
  | { readonly is: 'denied' }
  | { readonly is: 'unknown'; readonly why: string }

export interface PullQuestion {
  /** Tried one after the other, as kubelet does. None: as nobody in particular. */
  readonly logins: readonly PullLogin[]
  readonly platforms: boolean
}

export interface Registries {
  /** With the logins of docker and podman on this machine. */
  look(ref: string, signal: AbortSignal): Promise<Registered>
  /** With the logins that it is given, and no others: as a node would. */
  pull(ref: string, question: PullQuestion, signal: AbortSignal): Promise<Pullable>
}
