import { parsed } from '../config/parsed.ts'
import type { FileNames } from './model.ts'

/** The names that a forge.yaml gives, half written as it may be. */
export function namesOf(text: string): FileNames {
  const document = parsed(text, { logLevel: 'silent' })
  const usual = document?.get('defaultEnvironment')
  return {
    ...(typeof usual === 'string' ? { usual } : {}),
    environments: keysOf(document?.get('environments')),
    releases: keysOf(document?.get('releases')),
    secrets: keysOf(document?.get('secrets')),
    images: keysOf(document?.get('images')),
    awaited: [...keysOf(document?.get('components')), ...awaited(document?.get('stages'))],
  }
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
