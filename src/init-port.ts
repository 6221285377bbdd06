/** What `forge init` asks of a folder; part of the ports (ports.ts). */
export interface InitFolder {
  /** Files in it and a few levels below, relative to it; not those that are made from others, fetched, or for tests. */
  list(): Promise<readonly string[]>
  /** Writes all of them or none, in this order, and none over another file. Throws E_INIT_EXISTS, E_FILE_UNWRITABLE. */
  create(files: readonly FolderFile[]): Promise<void>
  /** The same into a folder that is gone when `work` ends. */
  inTemporary<T>(files: readonly FolderFile[], work: (folder: string) => Promise<T>): Promise<T>
}

export interface FolderFile {
  readonly path: string
  readonly text: string | Uint8Array
  readonly mode?: number
}
