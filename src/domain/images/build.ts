/** What a container builder is asked for. */
export interface ImageBuild {
  /** Absolute folder, or the address of a git repository at a commit. */
  readonly context: string
  /** Absolute, or within a repository; `text`: the Dockerfile itself. */
  readonly dockerfile: { readonly path: string } | { readonly text: string }
  /** What the context leaves out; undefined: nothing says so. Absolute. */
  readonly ignoreFile?: string
  readonly target?: string
  /** At least one. */
  readonly platforms: readonly string[]
  readonly args: Readonly<Record<string, string>>
  /** Beside the context, by name: absolute folders, or addresses. */
  readonly contexts: Readonly<Record<string, string>>
  /** Images that the Dockerfile names by a tag, as it has them, each by the digest that is in the tag of the build. */
  readonly bases: Readonly<Record<string, string>>
  /** By id. They reach the builder as files that only this user can read. */
  readonly secrets: Readonly<Record<string, Uint8Array>>
  /** What the image says of itself; they decide no tag. */
  readonly labels: Readonly<Record<string, string>>
  readonly ssh: readonly string[]
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
}

/** The names by which --builder knows them; without it the first that works is used. */
export const BUILDERS = ['buildx', 'buildah', 'podman', 'docker'] as const
export type BuilderName = (typeof BUILDERS)[number]
