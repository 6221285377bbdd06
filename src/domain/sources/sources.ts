import { isMap, type PlainMap } from '../config/path.ts'
import type { Position } from '../config/position.ts'
import { COMMAND } from './command.ts'
import { DOTENV } from './dotenv.ts'
import { ENV } from './env.ts'
import { FILE } from './file.ts'
import { LITERAL } from './literal.ts'
import { SOPS } from './sops.ts'
import type { Refused, SourceType } from './source-type.ts'
import { VAULT } from './vault.ts'
import { YAML } from './yaml.ts'

/** Every kind of source, in the order in which people are told of them. */
export const SOURCES = {
  file: FILE,
  yaml: YAML,
  env: ENV,
  dotenv: DOTENV,
  command: COMMAND,
  sops: SOPS,
  vault: VAULT,
  literal: LITERAL,
} as const

/** Where a value comes from; `at`: where forge.yaml says so. */
export type Source = { readonly at: Position } & ReturnType<(typeof SOURCES)[keyof typeof SOURCES]['parse']>

export type SourceKind = Source['kind']

export const SOURCE_KINDS = Object.keys(SOURCES) as readonly SourceKind[]

/** Keys that belong to a kind, so that an overlay replaces them with it. */
export const SOURCE_DETAILS = ['path', 'name', 'trim', 'key'] as const

/** The kind of the model and its entry are one: TypeScript cannot follow that through a lookup. */
function typeOf(source: { readonly kind: SourceKind }): SourceType<Source> {
  return SOURCES[source.kind] as unknown as SourceType<Source>
}

/** A map is a source when it says of which kind; the schema has proven that it says so once. */
export function isSourceMap(value: unknown): value is PlainMap {
  return isMap(value) && SOURCE_KINDS.some((kind) => Object.hasOwn(value, kind))
}

export function parseSource(raw: PlainMap, at: Source['at']): Source {
  const kind = SOURCE_KINDS.find((one) => Object.hasOwn(raw, one)) ?? 'literal'
  return { ...typeOf({ kind }).parse(raw), at }
}

export function describeSource(source: Source, shown: (file: string) => string): string {
  return typeOf(source).describe(source, shown)
}

export function isElsewhere(source: Source): boolean {
  return typeOf(source).isElsewhere
}

export function keeperOf(source: Source): 'sops' | 'Vault' | undefined {
  return typeOf(source).keeper
}

export function refusedSource(source: Source, variables: readonly string[]): Refused | undefined {
  return typeOf(source).refused(source, variables)
}
