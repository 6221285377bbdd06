import type { ComposeTexts } from '../images/compose-texts.ts'
import { looksSecret } from '../transforms/secret-like.ts'
import type { SecretFrom, Workload } from './model.ts'
import { variableName } from './names.ts'

/** Shorter ones are in every other word. */
const SHORTEST = 4

/** Values of secrets that are known here, in a text or not. */
export class KnownSecrets {
  readonly #values: readonly string[]

  constructor(dotenv: Readonly<Record<string, string>>, environments: readonly Pick<Workload, 'secretEnv'>[]) {
    const named = Object.entries(dotenv).filter(([name, value]) => looksSecret(name, value) !== undefined)
    const own = environments.flatMap(({ secretEnv }) => Object.values(secretEnv)).flatMap(valueOf)
    this.#values = [...named.map(([, value]) => value), ...own].filter(({ length }) => length >= SHORTEST)
  }

  isIn(text: string): boolean {
    return this.#values.some((value) => text.includes(value))
  }
}

function valueOf(from: SecretFrom): string[] {
  return from.kind === 'own' ? [from.value] : []
}

/** Entries that are called harmlessly and hold the value of a secret are secrets too. */
export function withoutSecrets<T extends Pick<Workload, 'env' | 'secretEnv'>>(
  name: string,
  environment: T,
  known: KnownSecrets,
): T {
  const entries = Object.entries(environment.env)
  const secret = entries.filter(([, value]) => known.isIn(value))
  const moved = secret.map(([key, value]): [string, SecretFrom] => [
    key,
    { kind: 'own', name: `${variableName(name)}_${key}`, value },
  ])
  return {
    ...environment,
    env: Object.fromEntries(entries.filter(([, value]) => !known.isIn(value))),
    secretEnv: { ...environment.secretEnv, ...Object.fromEntries(moved) },
  }
}

/** What stands in a chart can be read by everybody: a command with a secret in it is left out, and that is noted. */
export function openly<T extends Pick<Workload, 'command' | 'args' | 'probe'>>(
  run: T,
  known: KnownSecrets,
  texts: ComposeTexts,
): T {
  const { command, args, probe } = run
  const hides = (key: string, words: readonly string[] | undefined): boolean => {
    const found = words?.some((word, at) => known.isIn(word) || saysSecret(word, words[at - 1])) ?? false
    if (found) texts.note(`${key} holds what looks like a secret and is left out: hand it to the program by a variable`)
    return found
  }
  const hidden = [
    ...(hides('entrypoint', command) ? ['command'] : []),
    ...(hides('command', args) ? ['args'] : []),
    ...(hides('healthcheck', probe?.command) ? ['probe'] : []),
  ]
  return Object.fromEntries(Object.entries(run).filter(([key]) => !hidden.includes(key))) as T
}

/** `--password=x`, `--password x`, or a value whose form tells it. */
export function saysSecret(word: string, before = ''): boolean {
  const [, flag = '', value = ''] = /^(--?[\w-]+)=(.*)$/su.exec(word) ?? []
  const behind = /^--?[\w-]+$/u.test(before) && !word.startsWith('-') ? before : ''
  return looksSecret(flag, value) !== undefined || looksSecret(behind, word) !== undefined
}
