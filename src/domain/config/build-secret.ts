import { compact } from './compact.ts'
import { fileSource } from './build-source.ts'
import type { GenerateSpec, SecretKeySpec, SecretSpec, SecretType, VaultSecretSpec } from './model.ts'
import { isMap, type Path } from './path.ts'
import type { Places } from './places.ts'
import type { SecretConfig } from './schema.ts'

const TYPES: Readonly<Record<string, SecretType>> = {
  tls: 'kubernetes.io/tls',
  dockerconfigjson: 'kubernetes.io/dockerconfigjson',
}

const DEFAULT_LENGTH = 32

type KeyGenerate = false | { readonly length?: number | undefined }
type FileKey = Partial<SecretKeySpec> & { readonly generate?: KeyGenerate }

export function buildSecret(name: string, secret: SecretConfig, places: Places): SecretSpec {
  const path: Path = ['secrets', name]
  return compact({
    name,
    type: TYPES[secret.type ?? ''] ?? 'Opaque',
    keys: [...eachKeys(secret, path, places), ...fileKeys(secret, path, places), ...typedKeys(secret, path, places)],
    keep: secret.keep ?? false,
    generate: buildGenerate(secret, path, places),
    service: secret.service,
    at: places.keyOf(path),
  })
}

/** Undefined: its values live in a Kubernetes Secret. */
export function buildVaultSecret(name: string, secret: SecretConfig, places: Places): VaultSecretSpec | undefined {
  if (secret.vault === undefined) return undefined
  const path: Path = ['secrets', name]
  return {
    name,
    path: secret.vault,
    keys: (secret.keys ?? []).map((entry, at) => {
      const { name: key, optional, rollback, generate } = typeof entry === 'string' ? { name: entry } : entry
      const own: Path = [...path, 'keys', at]
      const { length } = lengthOf(generate, secret, { path, own, places })
      return {
        key,
        optional: optional ?? false,
        rollback: rollback ?? secret.rollback ?? 'restore',
        ...(length === undefined ? {} : { length }),
        at: places.of(own),
      }
    }),
    at: places.keyOf(path),
  }
}

function eachKeys(secret: SecretConfig, path: Path, places: Places): SecretKeySpec[] {
  return (secret.keys ?? []).map((entry, at) => {
    const { name, optional, rollback, generate } = typeof entry === 'string' ? { name: entry } : entry
    return {
      key: name,
      source: fileSource(secret.each, [...path, 'each'], places, name),
      optional: optional ?? false,
      rollback: rollback ?? secret.rollback ?? 'restore',
      ...lengthOf(generate, secret, { path, own: [...path, 'keys', at], places }),
    }
  })
}

/** What the key says itself wins over what is said of the whole secret. `own`: where the key stands. */
function lengthOf(
  generate: KeyGenerate | undefined,
  secret: SecretConfig,
  { path, own, places }: { readonly path: Path; readonly own: Path; readonly places: Places },
): Pick<SecretKeySpec, 'length' | 'lengthAt'> {
  if (generate === false) return {}
  if (generate !== undefined)
    return { length: generate.length ?? DEFAULT_LENGTH, lengthAt: places.keyOf([...own, 'generate']) }
  const whole = secret.generate
  if (whole === undefined || whole.ca !== undefined) return {}
  return { length: whole.length ?? DEFAULT_LENGTH, lengthAt: places.keyOf([...path, 'generate']) }
}

function fileKeys(secret: SecretConfig, path: Path, places: Places): SecretKeySpec[] {
  return Object.entries(secret.files ?? {}).map(([key, raw]) => {
    const { optional, rollback, generate } = isMap(raw) ? (raw as FileKey) : {}
    return {
      key,
      source: fileSource(raw, [...path, 'files', key], places),
      optional: optional ?? false,
      rollback: rollback ?? secret.rollback ?? 'restore',
      ...lengthOf(generate, secret, { path, own: [...path, 'files', key], places }),
    }
  })
}

const TYPED = { cert: 'tls.crt', key: 'tls.key', ca: 'ca.crt', config: '.dockerconfigjson' } as const

function typedKeys(secret: SecretConfig, path: Path, places: Places): SecretKeySpec[] {
  return (Object.keys(TYPED) as (keyof typeof TYPED)[])
    .filter((field) => secret[field] !== undefined)
    .map((field) => ({
      key: TYPED[field],
      source: fileSource(secret[field], [...path, field], places),
      optional: false,
      rollback: secret.rollback ?? 'restore',
    }))
}

function buildGenerate({ generate }: SecretConfig, path: Path, places: Places): GenerateSpec | undefined {
  if (generate === undefined) return undefined
  const at = places.keyOf([...path, 'generate'])
  if (generate.ca === undefined) return { kind: 'password', length: generate.length ?? DEFAULT_LENGTH, at }
  return { kind: 'certificate', ca: generate.ca, hosts: generate.hosts ?? [], days: generate.days ?? 365, at }
}
