import type { Source } from '../config/model.ts'
import { isMap, type PlainMap } from '../config/path.ts'
import { COMMAND } from './command.ts'
import { DOTENV } from './dotenv.ts'
import { ENV } from './env.ts'
import { FILE } from './file.ts'
import { LITERAL } from './literal.ts'
import { SOPS } from './sops.ts'
import type { Refused, SourceKind, SourceType } from './source-type.ts'
import { YAML } from './yaml.ts'

/** Every kind of source, in the order in which people are told of them. A kind of the model that is missing here does not compile. */
export const SOURCES: { readonly [K in SourceKind]: SourceType<K> } = {
  file: FILE,
  yaml: YAML,
  env: ENV,
  dotenv: DOTENV,
  command: COMMAND,
  sops: SOPS,
  literal: LITERAL,
}

export const SOURCE_KINDS = Object.keys(SOURCES) as readonly SourceKind[]

/** Keys that belong to a kind, so that an overlay replaces them with it. */
export const SOURCE_DETAILS = ['path', 'name', 'trim'] as const

/** The kind of the model and its entry are one: TypeScript cannot follow that through a lookup. */
function typeOf(source: { readonly kind: SourceKind }): SourceType<SourceKind> {
  return SOURCES[source.kind] as unknown as SourceType<SourceKind>
}

/** A map is a source when it says of which kind; the schema has proven that it says so once. */
export function isSourceMap(value: unknown): value is PlainMap {
  return isMap(value) && SOURCE_KINDS.some((kind) => Object.hasOwn(value, kind))
}

export function parseSource(raw: PlainMap, at: Source['at']): Source {
  const kind = SOURCE_KINDS.find((one) => Object.hasOwn(raw, one)) ?? 'literal'
  return { ...typeOf({ kind }).parse(raw), at } as Source
}

export function describeSource(source: Source, shown: (file: string) => string): string {
  return typeOf(source).describe(source, shown)
}

export function isElsewhere(source: Source): boolean {
  return typeOf(source).isElsewhere
}

export function refusedSource(source: Source, variables: readonly string[]): Refused | undefined {
  return typeOf(source).refused(source, variables)
}
