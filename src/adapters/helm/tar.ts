const BLOCK = 512

export interface TarFile {
  readonly name: string
  readonly content: Buffer
}

/**
 * The regular files of an archive as `helm package` and tar write it: POSIX ustar with the prefix of a long name, or the whole
 * of it in a header of its own (pax, GNU). Ends where the archive ends or makes no sense.
 */
export function* tarFiles(archive: Buffer): Generator<TarFile> {
  let at = 0
  let longName: string | undefined
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK)
    const text = (from: number, length: number): string =>
      header.toString('utf8', from, from + length).replace(/\0.*$/su, '')
    const size = Number.parseInt(text(124, 12), 8)
    // A negative one would lead back, for ever.
    if (!(size >= 0)) return
    const content = archive.subarray(at + BLOCK, at + BLOCK + size)
    const kind = text(156, 1)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
    if (kind === 'x') longName = paxPath(content) ?? longName
    else if (kind === 'L') longName = content.toString('utf8').replace(/\0.*$/su, '')
    else if (kind !== 'g') {
      const prefix = text(257, 5) === 'ustar' && text(257, 8) !== 'ustar  ' ? text(345, 155) : ''
      const name = longName ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`)
      longName = undefined
      if (['', '0'].includes(kind) && !name.endsWith('/')) yield { name, content }
    }
  }
}

/** `22 path=charts/a/b.yaml\n` among the records of an extended header; its length is in bytes. */
function paxPath(records: Buffer): string | undefined {
  let rest = records
  while (rest.length > 0) {
    const length = Number.parseInt(rest.toString('latin1', 0, 20), 10)
    if (!(length > 0)) return undefined
    const record = rest.toString('utf8', 0, length).replace(/^\d+ /u, '')
    if (record.startsWith('path=')) return record.slice('path='.length).replace(/\n$/u, '')
    rest = rest.subarray(length)
  }
  return undefined
}
