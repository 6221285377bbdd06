const BLOCK = 512

export interface TarFile {
  /** The last part of a name longer than 100 characters may be missing. */
  readonly name: string
  readonly content: Buffer
}

/** The regular files of an archive as `helm package` writes it (POSIX ustar). Ends where the archive ends or makes no sense. */
export function* tarFiles(archive: Buffer): Generator<TarFile> {
  let at = 0
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK)
    const text = (from: number, length: number): string =>
      header.toString('utf8', from, from + length).replace(/\0.*$/su, '')
    const size = Number.parseInt(text(124, 12), 8)
    if (Number.isNaN(size)) return
    const start = at + BLOCK
    if (['', '0'].includes(text(156, 1))) yield { name: text(0, 100), content: archive.subarray(start, start + size) }
    at = start + Math.ceil(size / BLOCK) * BLOCK
  }
}
