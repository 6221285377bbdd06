import { isMap, type Path } from '../../domain/config/path.ts'
import type { CodedProblem } from '../../domain/config/problems.ts'
import type { Places } from '../../domain/config/places.ts'
import { showValuePath, type ValuePath } from '../../domain/config/value-path.ts'
import type { Layer } from '../../domain/values/layers.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import type { SourceReader } from './source-reader.ts'

/** One values file, or what is wrong with it (without a place when the file itself is missing). */
export async function valuesLayer(file: string, reader: SourceReader): Promise<Layer | CodedProblem> {
  const shown = reader.shown(file)
  const bytes = await reader.bytes(file)
  if (bytes === undefined) return { code: 'E_SOURCE_MISSING', message: `values file ${shown} is missing` }
  const document = await reader.document(file, 'helm')
  const at = { file: shown, line: 1, column: 1 }
  if (document === undefined) return { code: 'E_SOURCE_INVALID', message: 'is not UTF-8 text', at }
  const [problem] = document.problems
  if (problem !== undefined) return { code: 'E_VALUES_SYNTAX', ...problem }
  const value = document.value ?? {}
  if (!isMap(value)) return { code: 'E_VALUES_SYNTAX', message: 'a values file must be a map', at }
  return treeLayer(value as JsonMap, document.places, [])
}

/** The values that another file has inside, as a HelmRelease has them under spec.values. */
export async function insideLayer(file: string, path: ValuePath, reader: SourceReader): Promise<Layer | CodedProblem> {
  const found = await reader.inside(file, path)
  if (found.kind === 'missing') return { code: 'E_SOURCE_MISSING', message: `${found.what} (values)` }
  if (found.kind === 'invalid') return { code: 'E_VALUES_SYNTAX', message: found.what, at: found.at }
  if (isMap(found.value)) return treeLayer(found.value, found.places, path)
  const message = `${showValuePath(path)} must be a map of values`
  return { code: 'E_VALUES_SYNTAX', message, at: found.places.of(path) }
}

function treeLayer(value: JsonMap, places: Places, above: Path): Layer {
  return { kind: 'tree', value, originOf: (path) => ({ kind: 'file', at: places.of([...above, ...path]) }) }
}
