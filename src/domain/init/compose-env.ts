import { isMap, type PlainMap } from '../config/path.ts'
import type { ComposeTexts } from '../images/compose-texts.ts'
import { readDotenv } from '../transforms/dotenv-file.ts'
import { looksSecret } from '../transforms/secret-like.ts'
import type { SecretFrom, Workload } from './model.ts'
import { variableName } from './names.ts'

export interface EnvContext {
  /** Variables of the `.env` beside the compose file, which fills in its variables. */
  readonly dotenv: Readonly<Record<string, string>>
  /** Texts of the files that services name. */
  readonly texts: ReadonlyMap<string, string>
}

/** What Kubernetes takes for a variable and for a key of a Secret. */
const NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/u

type Environment = Pick<Workload, 'env' | 'secretEnv' | 'envFiles'>

/** What a container of a service finds in its environment. What looks like a secret comes from where it stands now, or from init's own file. */
export function composeEnvironment(
  name: string,
  raw: PlainMap,
  texts: ComposeTexts,
  { dotenv, texts: files }: EnvContext,
): Environment {
  const own = ownEnvironment(name, raw['environment'], texts, dotenv)
  const given = new Set([...Object.keys(own.env), ...Object.keys(own.secretEnv)])
  const taken = envFilesOf(raw).flatMap((file): readonly (readonly [string, string])[] => {
    const text = files.get(file)
    if (text === undefined) texts.note(`env_file ${file} is not there, so nothing of it is taken over`)
    return text === undefined ? [] : [[file, text]]
  })
  return { ...own, ...fromDotenv(name, taken, given, own.secretEnv) }
}

/** Dotenv files as ConfigMaps, without what looks like a secret and without what is `given` otherwise. */
export function fromDotenv(
  name: string,
  files: readonly (readonly [file: string, text: string])[],
  given: ReadonlySet<string> = new Set(),
  before: Workload['secretEnv'] = {},
): Pick<Workload, 'secretEnv' | 'envFiles'> {
  const secretEnv: Record<string, SecretFrom> = { ...before }
  const envFiles = files.map(([file, text], at) => {
    const entries = [...readDotenv(text, file).entries]
    const secret = entries.filter(([key, { value }]) => looksSecret(key, value) !== undefined).map(([key]) => key)
    for (const key of secret) if (!given.has(key)) secretEnv[key] = { kind: 'dotenv', file, name: key }
    const omit = entries.map(([key]) => key).filter((key) => secret.includes(key) || given.has(key))
    return { configMap: at === 0 ? `${name}-env` : `${name}-env-${at + 1}`, file, omit }
  })
  return { secretEnv, envFiles }
}

/** As written, from the compose file's folder. */
export function envFilesOf(raw: PlainMap): string[] {
  const value = raw['env_file']
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return list.flatMap((one) => {
    const path = isMap(one) ? one['path'] : one
    return typeof path === 'string' ? [path.replace(/^\.\//u, '')] : []
  })
}

function ownEnvironment(
  service: string,
  value: unknown,
  texts: ComposeTexts,
  dotenv: Readonly<Record<string, string>>,
): Pick<Workload, 'env' | 'secretEnv'> {
  const env: Record<string, string> = {}
  const secretEnv: Record<string, SecretFrom> = {}
  for (const [name, raw] of rawPairs(value, texts)) {
    // Without a value it is that of the shell, or of `.env`.
    const written = raw ?? `\${${name}}`
    const source = variableIn(written)
    const isUnset = source !== undefined && dotenv[source] === undefined
    if (!NAME.test(name)) {
      texts.note(`environment ${JSON.stringify(name)} is no name of a variable, and is left out`)
    } else if (isUnset && looksSecret(name, 'set') !== undefined) {
      secretEnv[name] = { kind: 'env', name: source }
      texts.note(`${name} is a secret from the variable ${source}, which is not in .env: set it before a deploy`)
    } else if (isUnset && raw === undefined) {
      texts.note(`environment ${name} has no value, neither here nor in .env, and is left out`)
    } else {
      const text = texts.text(written, ['environment', name]) ?? ''
      if (looksSecret(name, text) === undefined) env[name] = text
      else if (source !== undefined) secretEnv[name] = { kind: 'dotenv', file: '.env', name: source }
      else secretEnv[name] = { kind: 'own', name: `${variableName(service)}_${name}`, value: text }
    }
  }
  return { env, secretEnv }
}

/** `NAME` of a value that is `$NAME` or `${NAME}` and nothing else. */
function variableIn(written: unknown): string | undefined {
  const found = /^\$(?:\{(\w+)\}|(\w+))$/u.exec(typeof written === 'string' ? written : '')
  return found?.[1] ?? found?.[2]
}

function rawPairs(value: unknown, texts: ComposeTexts): [string, unknown][] {
  if (isMap(value)) return Object.entries(value).map(([name, one]) => [name, one ?? undefined])
  return texts.items(value, ['environment']).map((one) => {
    const text = String(one)
    const equals = text.indexOf('=')
    return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]
  })
}
