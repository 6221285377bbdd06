/** What `forge export` asks of the world; part of the ports (ports.ts). */
export interface ExportFolder {
  /** Texts of the files in it that an export has written before, by their paths from the folder. */
  written(): Promise<ReadonlyMap<string, string>>
  /** Those of these paths at which something is. */
  taken(paths: readonly string[]): Promise<readonly string[]>
  /** Makes it hold these files; those that an export has written before and that are not among them go. */
  write(files: ReadonlyMap<string, string>, gone: readonly string[]): Promise<void>
}

/** The repository that a project is in. */
export interface Repository {
  /** Absolute path of its top. */
  readonly root: string
  /** Of its remote `origin`, without a login; absent: it has none, or one that is a folder of this machine. */
  readonly address?: string
}

/** sops, for whom Secrets are encrypted. */
export interface Sealer {
  /** A YAML document with `data` and `stringData` encrypted to an age recipient. Throws E_EXPORT. */
  seal(document: string, recipient: string): Promise<string>
  /** What was sealed; undefined: this machine has no key for it. */
  unseal(sealed: string): Promise<string | undefined>
}
