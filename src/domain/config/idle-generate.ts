import { isMap, ownValue, type Path } from './path.ts'
import { showPosition, type Problem } from './position.ts'
import type { SecretConfig } from './schema.ts'
import { SOURCE_KINDS } from '../sources/sources.ts'

/** What `generate` can make: it writes files, and nothing else. */
export interface GenerateUse {
  readonly path: Path
  /** Why it makes nothing. Undefined: it has an effect. */
  readonly idle: string | undefined
}

/** Each `generate` of a secret, as one environment sees it, with what keeps it from making anything. */
export function generateUses(secret: SecretConfig, path: Path): GenerateUse[] {
  const { keys = [], each, files = {}, vault } = secret
  if (vault !== undefined) return vaultUses(secret, path)
  return [
    ...wholeUse(secret, path),
    ...keys.flatMap((key, at) => keyUse(key, typeof key === 'string' ? key : key.name, each, [...path, 'keys', at])),
    ...Object.entries(files).flatMap(([name, raw]) => keyUse(raw, name, raw, [...path, 'files', name])),
  ]
}

/** Values are made in Vault as in files. */
function vaultUses({ generate, keys = [] }: SecretConfig, path: Path): GenerateUse[] {
  const own = keys.flatMap((key, at) =>
    typeof key === 'object' && isMap(key.generate) ? [[...path, 'keys', at, 'generate']] : [],
  )
  return [...(generate === undefined ? [] : [[...path, 'generate']]), ...own].map((at) => ({
    path: at,
    idle: undefined,
  }))
}

/** A `generate` counts by the place where it is written: an environment that takes the value from elsewhere only inherits it. */
export function idleEverywhere(uses: readonly (GenerateUse & { readonly problem: Problem })[]): Problem[] {
  const written = Map.groupBy(uses, ({ problem: { at } }) => (at === undefined ? '' : showPosition(at)))
  return [...written.values()].flatMap((same) => {
    const [first] = same
    return first !== undefined && same.every(({ idle }) => idle !== undefined) ? [first.problem] : []
  })
}

function wholeUse({ generate, type, cert, key, keys = [], each, files = {} }: SecretConfig, path: Path): GenerateUse[] {
  if (generate === undefined) return []
  const at = [...path, 'generate']
  if (generate.ca !== undefined) {
    const pair = type === 'tls' ? Object.entries({ cert, key }) : []
    const other = pair.find(([, source]) => source !== undefined && kindOf(source) !== 'file')
    return [{ path: at, idle: other && `"${other[0]}" comes from ${kindOf(other[1])}, and only files are made` }]
  }
  const sources = [...(keys.length > 0 ? [each] : []), ...Object.values(files)]
  const makes = sources.some((source) => kindOf(source) === 'file')
  return [{ path: at, idle: makes ? undefined : 'no key of it comes from a file, and only files are made' }]
}

function keyUse(written: unknown, name: string, source: unknown, path: Path): GenerateUse[] {
  if (!isMap(written) || !isMap(ownValue(written, 'generate'))) return []
  const kind = kindOf(source)
  const idle = kind === 'file' ? undefined : `"${name}" comes from ${kind}, and only files are made`
  return [{ path: [...path, 'generate'], idle }]
}

/** A plain text is the path of a file. */
function kindOf(source: unknown): string {
  if (!isMap(source)) return 'file'
  return SOURCE_KINDS.find((kind) => Object.hasOwn(source, kind)) ?? 'file'
}
