import type { VaultSecretSpec } from '../config/model.ts'
import type { CodedProblem } from '../config/problems.ts'
import { forge, program, type Hint } from '../../hint.ts'
import type { VaultContent, VaultVersion } from '../../vault-port.ts'

/** What of a secret that lives in Vault is there, and what is not. */
export interface HomeKeys {
  readonly there: readonly string[]
  /** Missing, and forge makes it: name → letters. */
  readonly toMake: ReadonlyMap<string, number>
  /** Missing, and somebody else has to bring it. */
  readonly notMade: readonly string[]
}

export function keysAtHome({ keys }: Pick<VaultSecretSpec, 'keys'>, { data }: Pick<VaultContent, 'data'>): HomeKeys {
  const missing = keys.filter(({ key }) => !Object.hasOwn(data, key))
  return {
    there: keys.map(({ key }) => key).filter((key) => Object.hasOwn(data, key)),
    toMake: new Map(missing.flatMap(({ key, length }) => (length === undefined ? [] : [[key, length] as const]))),
    notMade: missing.flatMap(({ key, length, optional }) => (length === undefined && !optional ? [key] : [])),
  }
}

/**
 * Why nothing may be written there. A version that is deleted is not missing: somebody knows its values, and may bring them back.
 * Without check-and-set two that write at the same moment would each believe that theirs is there.
 */
export function obstacleAtHome(
  { name, path, at }: Pick<VaultSecretSpec, 'name' | 'path' | 'at'>,
  { engine, version, state }: VaultVersion,
): CodedProblem | undefined {
  const refuse = (message: string, hint: Hint): CodedProblem => ({ code: 'E_SECRET_VAULT', message, at, hint })
  const needed = `(needed by secret ${name})`
  if (engine === 1) {
    const message = `${path} in Vault is of version 1 of the KV engine, which has no check-and-set: write there yourself, or upgrade the engine ${needed}`
    return refuse(message, program('vault', 'secrets', 'list', '-detailed'))
  }
  if (state === 'there' || (state === 'nothing' && version === 0)) return undefined
  const hint =
    state === 'deleted'
      ? program('vault', 'kv', 'undelete', `-versions=${version}`, path)
      : program('vault', 'kv', 'metadata', 'get', path)
  return refuse(`version ${version} of ${path} in Vault is ${state}, which is not the same as missing ${needed}`, hint)
}

/** Somebody wrote between what was read and what was to be written. */
export function movedAtHome(
  { name, path, at }: Pick<VaultSecretSpec, 'name' | 'path' | 'at'>,
  env: string,
): CodedProblem {
  return {
    code: 'E_SECRET_VAULT',
    message: `somebody else wrote ${path} in Vault meanwhile: nothing was written over it (secret ${name})`,
    at,
    hint: forge('secrets', 'list', '--env', env),
  }
}
