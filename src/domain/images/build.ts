/** What a container builder is asked for. */
export interface ImageBuild {
  /** Absolute folder, or a URL that the builder understands. */
  readonly context: string
  /** Absolute. */
  readonly dockerfile: string
  readonly target?: string
  readonly platform?: string
  /** A value that is undefined is taken from forge's own environment. */
  readonly args: Readonly<Record<string, string | undefined>>
}
