import { showLine } from '../config/position.ts'
import type { ObjectRef } from '../kube.ts'
import { lookUp } from '../values/layers.ts'
import { parseValuePath } from '../config/value-path.ts'
import type { Json, JsonMap, Origins, Provenance } from '../values/model.ts'
import type { FieldChange } from './model.ts'

export interface LineInput {
  readonly ref: ObjectRef
  /** Of the object, as people speak of it. */
  readonly component: string
  readonly origins: Origins
  /** The values that the live release was deployed with. */
  readonly before: JsonMap
  /** It comes from another release: what a value of this one was before says nothing of what the field was. */
  readonly isTaken?: boolean
}

/** A value, by its path, and where it comes from. */
interface Candidate {
  readonly path: string
  readonly won: Provenance
}

/**
 * The line of the project that a change comes from. Known for ConfigMap keys, and for fields that went from one text to
 * another just as one chart value did; where two values would explain it, none is named. A value of the command
 * line is named with its flag and its path.
 */
export function lineOf(change: FieldChange, input: LineInput): string | undefined {
  const found = configMapValue(change, input) ?? changedValue(change, input)
  if (found === undefined) return undefined
  const { path, won } = found
  return won.origin.kind === 'file' ? showLine(won.origin.at) : `${won.origin.text} ${path}`
}

function configMapValue({ path }: FieldChange, { ref, origins }: LineInput): Candidate | undefined {
  const key = /^(?:data|binaryData)\.'?([^']+)'?$/u.exec(path)?.[1]
  if (ref.kind !== 'ConfigMap' || key === undefined) return undefined
  const value = `configMaps.${escaped(ref.name)}.${escaped(key)}`
  const [won] = origins.get(value) ?? []
  return won === undefined ? undefined : { path: value, won }
}

function escaped(part: string): string {
  return part.replace(/[.[\]\\]/gu, '\\$&')
}

function changedValue(change: FieldChange, input: LineInput): Candidate | undefined {
  const text = scalarText(change.after)
  if (text === undefined || text === '') return undefined
  const fitting = [...input.origins].flatMap(([path, [won]]): Candidate[] => {
    if (scalarText(won.value) !== text || !hasChanged(path, won.value, change.before, input.before)) return []
    return input.isTaken === true && !isNamedAs(path, change.path) ? [] : [{ path, won }]
  })
  const [first, ...others] = fitting
  if (first === undefined || others.length === 0) return first
  const ranked = fitting
    .map((one) => ({ ...one, rank: rank(one.path, change.path, input.component) }))
    .sort((a, b) => b.rank - a.rank)
  const [best, next] = ranked
  return best !== undefined && best.rank > 0 && best.rank > (next?.rank ?? 0) ? best : undefined
}

function scalarText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

/** The value is new, or was what the field was; a value that stayed the same explains no change. */
function hasChanged(path: string, now: Json, field: unknown, before: JsonMap): boolean {
  const parsed = parseValuePath(path)
  const old = parsed === undefined ? undefined : lookUp(before, parsed)?.value
  return (
    old === undefined ||
    (JSON.stringify(old) !== JSON.stringify(now) && (field === undefined || scalarText(old) === scalarText(field)))
  )
}

/** `worker.replicas` and `spec.replicas`: a text such as a release's name stands in many fields, and many values are that text. */
function isNamedAs(valuePath: string, fieldPath: string): boolean {
  const own = parseValuePath(valuePath)?.at(-1)
  const [, quoted, plain] = /(?:'([^']+)'|([^.[\]']+))\]?$/u.exec(fieldPath) ?? []
  return own !== undefined && String(own) === (quoted ?? plain)
}

/** How much a value's path looks like the field's: its own name, and the component that it belongs to. */
function rank(valuePath: string, fieldPath: string, component: string): number {
  const parts = (parseValuePath(valuePath) ?? []).map((part) => String(part).toLowerCase())
  const names = fieldPath.toLowerCase().split(/[.[\]']+/u)
  const common = parts.filter((part) => names.includes(part)).length
  return common + (parts.includes(component.toLowerCase()) ? 10 : 0)
}
