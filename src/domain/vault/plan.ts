import { isEqual } from '../canonical.ts'
import type { RollbackRule, VaultSecretSpec } from '../config/model.ts'
import type { JournalEntry, JournalHome } from '../journal/model.ts'
import type { VaultContent, VaultStore, VaultVersion } from '../../vault-port.ts'

type Values = Readonly<Record<string, unknown>>
export type HomeRules = Readonly<Record<string, Exclude<RollbackRule, 'restore'>>>

/** A secret that lives in Vault, in one run. Values are for writing only. */
export interface HomePlan {
  readonly name: string
  readonly path: string
  readonly keys: readonly string[]
  readonly rules: HomeRules
  /** As it was found; undefined: forge could not look. */
  readonly now: VaultVersion | undefined
  /** What is to be written, as the next version. */
  readonly write?: { readonly data: Values; readonly keys: readonly string[] }
  /** What a way back writes: of keys that have moved since the deploy that runs. Undefined: nothing. */
  readonly back?: HomeBack
}

export type HomeBack =
  | { readonly kind: 'values'; readonly data: Values; readonly keys: readonly string[]; readonly version: number }
  | { readonly kind: 'lost' | 'unknown'; readonly why: string }

/** The secrets that live in Vault, as a run found them. */
export interface Homes {
  readonly plans: readonly HomePlan[]
  /** Undefined: it could not be asked. */
  readonly store: VaultStore | undefined
}

/** New values for keys of one of them (`secrets rotate`). */
export interface Rotated {
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}

/** The version that pods which begin after this run read. Undefined: it is not known, or there is none. */
export function versionAfter({ now, write }: Pick<HomePlan, 'now' | 'write'>): number | undefined {
  if (now === undefined || now.engine === 1) return undefined
  if (write !== undefined) return now.version + 1
  return now.state === 'there' ? now.version : undefined
}

export interface BroughtBack {
  readonly data: Values
  readonly keys: readonly string[]
  /** Keys that would change, and may not (`rollback: refuse`). */
  readonly refused: readonly string[]
}

/** What is there now, with those of forge's keys that are to be restored as they were. Nothing is ever taken away. */
export function broughtBack(
  keys: readonly string[],
  rules: HomeRules,
  then: Pick<VaultContent, 'data'>,
  now: Pick<VaultContent, 'data'>,
): BroughtBack {
  const moved = keys.filter((key) => Object.hasOwn(then.data, key) && !isEqual(then.data[key], now.data[key]))
  const restored = moved.filter((key) => rules[key] === undefined)
  const values = Object.fromEntries(restored.map((key) => [key, then.data[key]]))
  return {
    data: { ...now.data, ...values },
    keys: restored,
    refused: moved.filter((key) => rules[key] === 'refuse'),
  }
}

export function rulesAtHome({ keys }: Pick<VaultSecretSpec, 'keys'>): HomeRules {
  return Object.fromEntries(keys.flatMap(({ key, rollback }) => (rollback === 'restore' ? [] : [[key, rollback]])))
}

/** What the journal says of it: numbers, never a value. */
export function journalHome(plan: HomePlan): JournalHome {
  const version = versionAfter(plan)
  return {
    name: plan.name,
    path: plan.path,
    keys: plan.keys,
    ...(version === undefined ? {} : { version }),
    ...(plan.write === undefined || plan.now === undefined ? {} : { versionBefore: plan.now.version }),
    ...(Object.keys(plan.rules).length === 0 ? {} : { rules: plan.rules }),
  }
}

/** What a deploy that was cut off has perhaps written, and a recovery leaves: it may run where nobody has a token of Vault. */
export function leftInVault({ number, vault = [] }: Pick<JournalEntry, 'number' | 'vault'>): string[] {
  return vault.flatMap(({ path, version, versionBefore }) =>
    version === undefined || versionBefore === undefined
      ? []
      : [
          `#${number} may have written ${path} in Vault (v${versionBefore} → v${version}): it stays as it is, and the next deploy restarts those that read it`,
        ],
  )
}
