import { mkdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { replaceFile } from '../files/temporary.ts'
import { unlessItFails } from '../../expected.ts'
import { isMap } from '../../domain/config/path.ts'
import { parseJson } from '../../domain/json.ts'

export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** `v4.3.1`, `4.3.1+g0d2a`, and `v4.3`, which is what a helm says that was built with `go install`. */
export function parseVersion(text: string): Version | undefined {
  const found = /^v?(\d+)\.(\d+)(?:\.(\d+))?/u.exec(text.trim())
  if (found === null) return undefined
  const [, major, minor, patch] = found
  return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0) }
}

export function versionText({ major, minor, patch }: Version): string {
  return `${major}.${minor}.${patch}`
}

/**
 * Remembers the versions of programs: asking helm for its own takes 60 ms. An entry counts as long as the file has the
 * same time and size.
 */
export class VersionMemory {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** The version of a program; undefined when it is no program, or says nothing that looks like a version. */
  async of(program: string, ask: (program: string) => Promise<string | undefined>): Promise<Version | undefined> {
    const file = await unlessItFails(stat(program), () => undefined)
    if (file?.isFile() !== true) return undefined
    const mark = `${file.mtimeMs}:${file.size}`
    const known = (await this.#read())[program]
    if (known?.mark === mark) return parseVersion(known.version)
    const said = await ask(program)
    const version = said === undefined ? undefined : parseVersion(said)
    if (said !== undefined && version !== undefined) await this.#keep(program, { mark, version: said.trim() })
    return version
  }

  async #read(): Promise<Record<string, { mark: string; version: string } | undefined>> {
    const known = parseJson(await unlessItFails(readFile(this.#file, 'utf8'), () => ''))
    return (isMap(known) ? known : {}) as Record<string, { mark: string; version: string }>
  }

  /** Only a memory: what cannot be written is asked again next time. */
  async #keep(program: string, entry: { mark: string; version: string }): Promise<void> {
    const known = { ...(await this.#read()), [program]: entry }
    const made = mkdir(path.dirname(this.#file), { recursive: true })
    const written = made.then(async () => await replaceFile(this.#file, `${JSON.stringify(known, null, 1)}\n`))
    await unlessItFails(written, () => undefined)
  }
}
