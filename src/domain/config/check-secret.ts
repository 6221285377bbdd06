import { isSamePath } from '../vault/path.ts'
import type { Path } from './path.ts'
import type { Problem } from './position.ts'
import type { SecretConfig } from './schema.ts'

type Say = (path: Path, fault: string) => Problem

const REQUIRED = { Opaque: [], tls: ['cert', 'key'], dockerconfigjson: ['config'] } as const
const POSSIBLE = { Opaque: [], tls: ['cert', 'key', 'ca'], dockerconfigjson: ['config'] } as const

/** What a schema cannot say about a secret: keys that belong to a type, and keys that need each other. */
export function checkSecret(secret: SecretConfig, path: Path, say: Say): Problem[] {
  if (secret.vault !== undefined) return checkVaultSecret(secret, path, say)
  return [
    ...checkType(secret, path, say),
    ...checkKeys(secret, path, say),
    ...checkGenerate(secret, [...path, 'generate'], say),
  ]
}

/** What only a Kubernetes Secret has, or what is read from elsewhere. */
const NOT_IN_VAULT = ['type', 'each', 'files', 'cert', 'key', 'ca', 'service', 'config', 'keep'] as const

function checkVaultSecret(secret: SecretConfig, path: Path, say: Say): Problem[] {
  const { keys = [], generate } = secret
  const names = keys.map((key) => (typeof key === 'string' ? key : key.name))
  const foreign = NOT_IN_VAULT.filter((key) => secret[key] !== undefined)
  const certificate = (['ca', 'hosts', 'days'] as const).filter((key) => generate?.[key] !== undefined)
  return [
    ...foreign.map((key) => say([...path, key], 'does not go with "vault": the values live there')),
    ...certificate.map((key) =>
      say([...path, 'generate', key], 'does not go with "vault": only passwords are made there'),
    ),
    ...(names.length === 0 ? [say(path, 'needs "keys" beside "vault": which values live there')] : []),
    ...names.flatMap((name, index) =>
      names.indexOf(name) < index ? [say([...path, 'keys', index], `names "${name}" a second time`)] : [],
    ),
  ]
}

/** Two that write one path would each take the other's version for somebody else's. */
export function checkVaultPaths(secrets: Readonly<Record<string, SecretConfig>>, say: Say): Problem[] {
  const found = Object.entries(secrets).flatMap(([name, { vault }]) => (vault === undefined ? [] : [{ name, vault }]))
  return found.flatMap(({ name, vault }, index) => {
    const first = found.findIndex((one) => isSamePath(one.vault, vault))
    return first < index
      ? [
          say(
            ['secrets', name, 'vault'],
            `is the path of secret "${found[first]?.name ?? ''}", too: name its keys there`,
          ),
        ]
      : []
  })
}

function checkType(secret: SecretConfig, path: Path, say: Say): Problem[] {
  const type = secret.type ?? 'Opaque'
  const possible: readonly string[] = POSSIBLE[type]
  const missing = REQUIRED[type].filter((key) => secret[key] === undefined)
  const foreign = (['cert', 'key', 'ca', 'config'] as const).filter(
    (key) => secret[key] !== undefined && !possible.includes(key),
  )
  const service = secret.service !== undefined && type !== 'tls'
  return [
    ...(service ? [say([...path, 'service'], `does not go with type ${type}`)] : []),
    ...missing.map((key) => say(path, `of type ${type} needs "${key}"`)),
    ...foreign.map((key) => say([...path, key], `does not go with type ${type}`)),
  ]
}

function checkKeys({ type = 'Opaque', keys, each, files = {} }: SecretConfig, path: Path, say: Say): Problem[] {
  const faults: Problem[] = []
  if (keys === undefined && each !== undefined) faults.push(say(path, 'needs "keys" beside "each"'))
  if (keys !== undefined && each === undefined)
    faults.push(say(path, 'needs "each" beside "keys": where each of them comes from'))
  const names = (keys ?? []).map((key) => (typeof key === 'string' ? key : key.name))
  if (type === 'Opaque' && names.length === 0 && Object.keys(files).length === 0)
    faults.push(say(path, 'needs "keys" with "each", or "files"'))
  names.forEach((name, index) => {
    const again = names.indexOf(name) < index || Object.hasOwn(files, name)
    if (again) faults.push(say([...path, 'keys', index], `names "${name}" a second time`))
  })
  if (each !== undefined && names.length > 1 && !/\{(?:key|KEY)\}/u.test(JSON.stringify(each))) {
    faults.push(say([...path, 'each'], 'must hold {key}: else all keys have the same value'))
  }
  return faults
}

function checkGenerate({ generate, type, service }: SecretConfig, path: Path, say: Say): Problem[] {
  if (generate === undefined) return []
  if (generate.length !== undefined && generate.ca !== undefined)
    return [say([...path, 'length'], 'does not go with "ca"')]
  if (generate.ca === undefined && (generate.hosts !== undefined || generate.days !== undefined)) {
    return [say(path, 'needs "ca", the folder of the CA that signs')]
  }
  if (type === 'tls' && (generate.ca === undefined || (generate.hosts ?? service) === undefined))
    return [say(path, 'of a TLS secret needs "ca", and "hosts" here or "service" beside it')]
  return []
}
