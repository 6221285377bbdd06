import type { TRANSFORMS, TransformStep } from './model.ts'
import type { Path } from './path.ts'
import type { Places } from './places.ts'
import type { StepConfig } from './schema-transform.ts'

/** The steps of `transform`, each with its place. */
export function buildTransform(
  raw: StepConfig | readonly StepConfig[] | undefined,
  path: Path,
  places: Places,
): readonly TransformStep[] {
  if (raw === undefined) return []
  const one = (step: StepConfig, at: Path): TransformStep => buildStep(step, at, places)
  return isList(raw) ? raw.map((step, index) => one(step, [...path, index])) : [one(raw, path)]
}

function isList(raw: StepConfig | readonly StepConfig[]): raw is readonly StepConfig[] {
  return Array.isArray(raw)
}

type Details = Exclude<StepConfig, string>
type Kind = Exclude<TransformStep['kind'], (typeof TRANSFORMS)[number]>
type Built<K extends Kind> = Omit<Extract<TransformStep, { readonly kind: K }>, 'at' | 'kind'> | undefined

/** Each kind of step that has details; undefined: the map speaks of another one. A kind that is missing here does not compile. */
const BUILD: { readonly [K in Kind]: (raw: Details, path: Path, places: Places) => Built<K> } = {
  replace: (raw) => (raw.replace === undefined ? undefined : { text: raw.replace, with: raw.with ?? '' }),
  omit: ({ omit }) => (omit === undefined ? undefined : { names: omit }),
  'allowed-subnets': (raw) => {
    const subnets = raw['allowed-subnets']
    return subnets === undefined ? undefined : { subnets }
  },
  module: (raw) => (raw.module === undefined ? undefined : { file: raw.module }),
  set: ({ set }, path, places) => {
    if (set === undefined) return undefined
    // As written: 1.10 stays 1.10.
    const written = (name: string): string | undefined => places.textOf([...path, 'set', name])
    return { values: new Map(Object.entries(set).map(([name, value]) => [name, written(name) ?? String(value)])) }
  },
}

function buildStep(raw: StepConfig, path: Path, places: Places): TransformStep {
  const at = places.of(path)
  if (typeof raw === 'string') return { kind: raw, at }
  for (const kind of Object.keys(BUILD) as Kind[]) {
    const built = BUILD[kind](raw, path, places)
    if (built !== undefined) return { kind, ...built, at } as TransformStep
  }
  throw new Error('the schema let a transform of no kind pass')
}
