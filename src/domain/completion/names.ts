import { parsed } from '../config/parsed.ts'
import type { Candidate, NamedKind, Seen } from './model.ts'

export type ProjectNames = (kind: Exclude<NamedKind, 'code'>) => readonly Candidate[]

/**
 * The names that forge.yaml gives, half written as it may be, and those that were seen in the environment. `environment`: what
 * was typed, or what FORGE_ENV says.
 */
export function namesIn(
  text: string,
  seen: Readonly<Record<string, Seen>>,
  environment: string | undefined,
): ProjectNames {
  const document = parsed(text, { logLevel: 'silent' })
  const environments = keysOf(document?.get('environments'))
  const usual = document?.get('defaultEnvironment')
  const chosen = environment ?? (typeof usual === 'string' ? usual : environments[0])
  const { deploys = [], components = [] } = seen[chosen ?? ''] ?? {}
  return (kind) => {
    switch (kind) {
      case 'environment':
        return named(environments)
      case 'release':
        return named(keysOf(document?.get('releases')))
      case 'secret':
        return named(keysOf(document?.get('secrets')))
      case 'image':
        return named(keysOf(document?.get('images')))
      case 'component':
        return named([...new Set([...components, ...awaited(document?.get('stages'))])])
      case 'deploy':
        return deploys.map(([number, about]) => [String(number), about])
    }
  }
}

function named(names: readonly string[]): Candidate[] {
  return names.map((name) => [name, ''])
}

function keysOf(node: unknown): string[] {
  return pairsOf(node).map(({ key }) => String(key))
}

/** `Deployment/app` of a stage is what people call app. */
function awaited(stages: unknown): string[] {
  const lists = pairsOf(stages).flatMap(({ value }) => pairsOf(value).flatMap((one) => itemsOf(one.value)))
  return lists.flatMap((item) => /^[A-Z]\w*\/(?<name>[\w.-]+)$/u.exec(String(item))?.groups?.['name'] ?? [])
}

interface Pair {
  readonly key: unknown
  readonly value: unknown
}

function pairsOf(node: unknown): Pair[] {
  return itemsOf(node).filter((item): item is Pair => typeof item === 'object' && item !== null && 'key' in item)
}

/** Of a map or a list as the YAML library has it. */
function itemsOf(node: unknown): readonly unknown[] {
  return typeof node === 'object' && node !== null && 'items' in node && Array.isArray(node.items) ? node.items : []
}
