import { agoOf } from './ago.ts'
import { wrap } from './wrap.ts'

/** A secret that lives in Vault, as `forge secrets list` shows it. */
export interface ListedHome {
  readonly name: string
  readonly path: string
  /** Of the KV engine; null: Vault could not be asked. */
  readonly engine: 1 | 2 | null
  /** Null: not known, or the engine has none. 0: nothing is there. */
  readonly version: number | null
  readonly state: 'there' | 'nothing' | 'deleted' | 'destroyed' | null
  /** ISO 8601. */
  readonly changedAt: string | null
  /** `isThere` null: the keys could not be read. */
  readonly keys: readonly { readonly key: string; readonly isThere: boolean | null; readonly optional: boolean }[]
  readonly readers: readonly HomeReader[]
  /** Why something is not known. */
  readonly unknown?: string
}

/** A workload whose agent reads the path, by the annotations of its pods. */
export interface HomeReader {
  readonly object: string
  readonly workload: string
  /** The version that its pods began with; null: its template does not say. */
  readonly runs: number | null
  /** A key that it takes has moved since. */
  readonly isBehind: boolean
}

const WIDTH = 80
const READ_BY = '  read by '

/** Which keys are there, and who runs which version. */
export function homeRows(homes: readonly ListedHome[], now: number): string[] {
  return homes.flatMap((home) => [
    `${home.name}  ${standing(home, now)}`,
    ...home.keys.map(
      ({ key, isThere, optional }) =>
        `  ${key}${isThere === false ? (optional ? '  not there (optional)' : '  missing') : ''}`,
    ),
    ...(home.unknown === undefined ? [] : [`  not checked: ${home.unknown}`]),
    ...readBy(home),
  ])
}

function standing({ path, engine, version, state, changedAt }: ListedHome, now: number): string {
  const where = `${path} in Vault`
  if (engine === null) return where
  if (state === 'nothing') return `${where}, nothing is there`
  if (engine === 1) return `${where}, KV version 1`
  const age = changedAt === null ? '' : `, ${agoOf(now - Date.parse(changedAt))}`
  return `${where}, v${version ?? 0}${state === 'there' ? '' : ` ${state ?? ''}`}${age}`
}

function readBy({ readers, version }: ListedHome): string[] {
  if (readers.length === 0) return []
  const told = readers.map(({ workload, runs, isBehind }) => {
    if (runs === null) return `${workload} (does not say which)`
    return isBehind ? `${workload} v${runs} (old, v${version ?? 0} is there)` : `${workload} v${runs}`
  })
  const lines = wrap(told.join(', '), WIDTH - READ_BY.length)
  return lines.map((line, at) => (at === 0 ? READ_BY : ' '.repeat(READ_BY.length)) + line)
}

/** What `apply` and `diff` have to say of them: nothing is compared there, and nothing written. */
export function homesLeftRows(homes: readonly { readonly name: string; readonly path: string }[]): string[] {
  const width = Math.max(...homes.map(({ name }) => name.length), 0)
  return homes.map(({ name, path }) => `= ${name.padEnd(width)}  lives in Vault (${path}), left alone`)
}
