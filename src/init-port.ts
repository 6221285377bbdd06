/** What `forge init` asks of a folder; part of the ports (ports.ts). */
export interface InitFolder {
  /** Files in it and a few levels below, relative to it; not those that are made from others, fetched, or for tests. */
  list(): Promise<readonly string[]>
  /** Writes all of them or none, in this order, and none over another file. Throws E_INIT_EXISTS, E_FILE_UNWRITABLE. */
  create(files: readonly { readonly path: string; readonly text: string; readonly mode?: number }[]): Promise<void>
}
