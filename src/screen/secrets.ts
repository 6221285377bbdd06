import { forge, kubectl, type HintPlace } from '../hint.ts'
import type { Consumer } from '../domain/secrets/consumers.ts'
import { isBehind } from '../domain/secrets/consumers.ts'
import type { KeyChange, SecretPlan } from '../domain/secrets/model.ts'
import { agoOf } from './ago.ts'
import { counted } from './counted.ts'
import { nextRow } from './next-row.ts'
import { homesLeftRows } from './vault.ts'
import { wrap } from './wrap.ts'

export interface AppliedScreen {
  readonly environment: string
  readonly namespace: string
  readonly dryRun: boolean
  readonly secrets: readonly SecretPlan[]
  readonly unused: readonly string[]
  /** Workloads that run old values of these secrets, once it is applied. */
  readonly behind: readonly Consumer[]
  /** Secrets that live in Vault. Absent: there are none. */
  readonly vault?: readonly { readonly name: string; readonly path: string }[]
}

/** What `forge secrets apply` did. Keys by name only. */
export function applyRows(screen: AppliedScreen, here: HintPlace): string[] {
  const { secrets, unused, dryRun, environment, namespace, vault = [] } = screen
  if (vault.length > 0 && secrets.length + unused.length === 0)
    return [...homesLeftRows(vault), 'All secrets live in Vault: there is none to write to the cluster.']
  const width = Math.max(...[...secrets.map(({ name }) => name), ...unused].map((name) => name.length), 0)
  const rows = [
    ...secrets.map((plan) => `${SIGNS[plan.action]} ${plan.name.padEnd(width)}  ${applyFacts(plan).join(', ')}`),
    ...unused.map((name) => `- ${name.padEnd(width)}  left out: nothing that the charts render uses it`),
    ...homesLeftRows(vault),
  ]
  const writes = secrets.filter(({ object }) => object !== undefined).length
  const where = `${environment} (namespace ${namespace})`
  if (writes === 0) return [...rows, `Nothing to write to ${where}.`, ...behindRows(screen, here)]
  if (dryRun) return [...rows, `${counted(writes, 'secret')} would be written to ${where}. Nothing was written.`]
  return [...rows, `Wrote ${counted(writes, 'secret')} to ${where}.`, ...behindRows(screen, here)]
}

const SIGNS: Readonly<Record<SecretPlan['action'], string>> = { create: '+', change: '~', unchanged: '=', keep: '=' }
const WORDS = { added: 'adds', changed: 'changes', kept: 'keeps', unmanaged: 'leaves alone' } as const

function applyFacts({ action, keys, revision, revisionBefore }: SecretPlan): string[] {
  const facts = (['added', 'changed', 'kept', 'unmanaged'] as const).flatMap((change) => {
    const names = namesOf(keys, change)
    return names === '' ? [] : [`${WORDS[change]} ${names}${change === 'kept' ? ' as the cluster has it' : ''}`]
  })
  const number =
    revisionBefore === undefined || revisionBefore === revision ? `r${revision}` : `r${revisionBefore} → r${revision}`
  return [...(action === 'unchanged' ? ['unchanged'] : []), ...facts, number]
}

function namesOf(keys: readonly KeyChange[], change: KeyChange['change']): string {
  return keys
    .filter((key) => key.change === change)
    .map(({ key }) => key)
    .join(', ')
}

/** Who still runs the old values, and the command that restarts them: pods never see a new variable by themselves. */
function behindRows(
  { behind, environment, namespace }: Pick<AppliedScreen, 'behind' | 'environment' | 'namespace'>,
  here: HintPlace,
): string[] {
  if (behind.length === 0) return []
  const names = [...new Set(behind.map(({ workload }) => workload))]
  const silent = behind.filter(({ runs }) => runs === undefined)
  const rows = [`${names.join(', ')} still ${names.length === 1 ? 'runs' : 'run'} the old values.`]
  if (silent.length < behind.length)
    rows.push(nextRow(forge('secrets', 'apply', '--env', environment, '--restart'), here))
  const objects = [...new Set(silent.map(({ object }) => object.toLowerCase()))]
  // A chart without forge's annotations: nothing would tell the next deploy that they were restarted.
  return [...rows, ...objects.map((object) => nextRow(kubectl(['rollout', 'restart', object], namespace), here))]
}

/** What differs between the sources and the cluster; nothing where nothing does. */
export function diffRows(
  { secrets, unused, environment, vault = [] }: Pick<AppliedScreen, 'secrets' | 'unused' | 'environment' | 'vault'>,
  here: HintPlace,
): string[] {
  const changing = secrets.filter(({ changedKeys }) => changedKeys.length > 0)
  const rows = changing.flatMap(({ name, keys, revision, revisionBefore }) => [
    `${name}  ${revisionBefore === undefined ? 'is not in the cluster' : `r${revisionBefore}, would be r${revision}`}`,
    ...keys.flatMap(({ key, change }) => {
      const sign = DIFFERENCES[change]
      return sign === undefined ? [] : [`  ${sign} ${key}`]
    }),
  ])
  const left = [
    ...unused.map((name) => `${name}  not compared: nothing that the charts render uses it`),
    ...vault.map(({ name, path }) => `${name}  not compared: it lives in Vault (${path})`),
  ]
  const isAllThere = vault.length > 0 && secrets.length + unused.length === 0
  const last = isAllThere
    ? ['All secrets live in Vault: there is none to compare with the cluster.']
    : changing.length === 0
      ? [`The cluster has what the sources say (${counted(secrets.length, 'secret')}).`]
      : ['', nextRow(forge('secrets', 'apply', '--env', environment), here)]
  return [...rows, ...left, ...last]
}

const DIFFERENCES: Readonly<Record<KeyChange['change'], string | undefined>> = {
  added: '+',
  changed: '~',
  kept: '= (no source here)',
  unmanaged: '? (not in forge.yaml)',
  same: undefined,
}

export interface ListedSecret {
  readonly name: string
  /** Undefined: not in the cluster. */
  readonly revision: number | undefined
  readonly type: string
  /** `changedAt`: ISO 8601; null where that revision is not kept any more. */
  readonly keys: readonly { readonly key: string; readonly revision: number; readonly changedAt: string | null }[]
  readonly consumers: readonly Consumer[]
}

/** Keys, ages and revisions of each secret, and who runs which of them. */
export function listRows(secrets: readonly ListedSecret[], now: number): string[] {
  const width = Math.max(...secrets.flatMap(({ keys }) => keys.map(({ key }) => key.length)), 0)
  return secrets.flatMap(({ name, revision, type, keys, consumers }) => [
    `${name}  ${revision === undefined ? 'not in the cluster' : `r${revision}, ${type}`}`,
    ...keys.map(({ key, revision: own, changedAt }) => {
      const age = changedAt === null ? '' : agoOf(now - Date.parse(changedAt))
      return `  ${key.padEnd(width)}  r${String(own).padEnd(3)} ${age}`.trimEnd()
    }),
    ...usedBy(consumers),
  ])
}

const WIDTH = 80
const USED_BY = '  used by '

function usedBy(consumers: readonly Consumer[]): string[] {
  if (consumers.length === 0) return []
  const lines = wrap(consumers.map(showConsumer).join(', '), WIDTH - USED_BY.length)
  return lines.map((line, at) => (at === 0 ? USED_BY : ' '.repeat(USED_BY.length)) + line)
}

function showConsumer(consumer: Consumer): string {
  const { workload, runs, wants } = consumer
  if (runs === undefined) return `${workload} (does not say which)`
  return isBehind(consumer) ? `${workload} r${runs} (old, r${wants} is there)` : `${workload} r${runs}`
}

export interface PulledKey {
  readonly secret: string
  readonly key: string
  /** Relative to the project; null where the source is no file. */
  readonly file: string | null
  /** `same`: here already. `elsewhere`: the source is no file. `absent`: the cluster has no such key. `in-vault`: at `path`. */
  readonly outcome: 'pulled' | 'replaced' | 'same' | 'elsewhere' | 'absent' | 'in-vault'
  readonly path?: string
  /** Where the old content is, for `replaced`: an absolute path outside the project. */
  readonly copy?: string
}

/** What `forge secrets pull` wrote; files that were right already are no news. */
export function pullRows(keys: readonly PulledKey[], environment: string): string[] {
  const rows = keys.flatMap(({ secret, key, file, outcome, copy, path = '' }) => {
    if (outcome === 'pulled') return [`+ pulled    ${file ?? ''}`]
    if (outcome === 'replaced') return [`~ replaced  ${file ?? ''}  (before: ${copy ?? ''})`]
    if (outcome === 'absent') return [`! absent    ${secret} has no key ${key} in the cluster`]
    if (outcome === 'in-vault') return [`- in Vault  ${secret} ${key} lives at ${path}`]
    return outcome === 'elsewhere' ? [`- no file   ${secret} ${key} has another source`] : []
  })
  const written = keys.filter(({ outcome }) => outcome === 'pulled' || outcome === 'replaced').length
  const same = keys.filter(({ outcome }) => outcome === 'same').length
  const last = written === 0 ? 'Nothing to write.' : `Wrote ${counted(written, 'file')} from ${environment}.`
  return [...rows, same === 0 ? last : `${last} ${counted(same, 'file')} had the value already.`]
}

/** Where the new values are, and the old ones. */
export function rotateRows({
  files,
  keys,
  vault,
}: {
  readonly files: readonly { readonly file: string; readonly copy?: string }[]
  readonly keys: readonly string[]
  readonly vault?: string
}): string[] {
  if (vault !== undefined) return [`Rotated    ${keys.join(', ')} at ${vault} in Vault`]
  return files.map(({ file, copy }) => `Rotated    ${file}${copy === undefined ? '' : `  (before: ${copy})`}`)
}
