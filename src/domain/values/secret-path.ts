import type { ValuePath } from '../config/value-path.ts'
import { saysSecret } from '../transforms/secret-like.ts'
import { givenTexts } from './given-texts.ts'
import type { Setting } from './settings.ts'

/** What `passwordTTL` and `existingSecretName` end in: they tell about a secret. So does all that is below `secret.annotations`. */
const ABOUT = new Set(
  (
    'name ref selector file path dir mount prefix suffix type kind class enable enabled disabled create update provider store ' +
    'annotation label ttl length size version algorithm issuer audience url endpoint host port policy expiry expiration ' +
    'days hours minutes seconds rotation interval count backend engine role mode format header namespace refresh'
  ).split(' '),
)
/** Which Secret of the cluster is meant, or which key of it. */
const NAMES = /^existing|pull_?secrets?$|(?:password|token|username)_?keys?$/iu
/** What the keys below hold, whatever they are called. */
const HOLDERS = new Set(['secret', 'password', 'credential', 'token'])

/** Does a chart value of this path look as if it were a secret? Names of Secrets and what is told about them do not. */
export function isSecretPath(path: ValuePath, value: string): boolean {
  const names = path.filter((part) => typeof part === 'string')
  const last = names.at(-1) ?? ''
  if (/^(?:|true|false|null)$/iu.test(value)) return false
  if (saysSecret('', value) !== undefined) return true
  if (names.some((name) => NAMES.test(name) || ABOUT.has(wordsOf(name).at(-1) ?? ''))) return false
  const isNamed =
    saysSecret(last, value) !== undefined || wordsOf(last).some((word) => word === 'dsn' || HOLDERS.has(word))
  return isNamed || names.slice(0, -1).some((name) => HOLDERS.has(wordsOf(name).at(-1) ?? ''))
}

/** Of those that an option of the command line gives. What --set-file gives is in a file. */
export function secretsGiven(setting: Setting, releases: readonly string[] = []): string[] {
  if (setting.flag === '--set-file') return []
  return givenTexts(setting, releases).flatMap(({ path, text }) => (isSecretPath(path, text) ? [text] : []))
}

/** `imagePullSecrets` → image, pull, secret. */
function wordsOf(name: string): string[] {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/gu, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
  return words.filter((word) => word !== '').map((word) => (/[^s]s$/u.test(word) ? word.slice(0, -1) : word))
}
