import type { TransformStep } from './model.ts'
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

function buildStep(raw: StepConfig, path: Path, places: Places): TransformStep {
  const at = places.of(path)
  if (typeof raw === 'string') return { kind: raw, at }
  if (raw.replace !== undefined) return { kind: 'replace', text: raw.replace, with: raw.with ?? '', at }
  if (raw.omit !== undefined) return { kind: 'omit', names: raw.omit, at }
  if (raw['allowed-subnets'] !== undefined) return { kind: 'allowed-subnets', subnets: raw['allowed-subnets'], at }
  if (raw.module !== undefined) return { kind: 'module', file: raw.module, at }
  const entries = Object.entries(raw.set ?? {})
  // As written: 1.10 stays 1.10.
  const values = entries.map(([name, value]) => [name, places.textOf([...path, 'set', name]) ?? String(value)] as const)
  return { kind: 'set', values: new Map(values), at }
}
