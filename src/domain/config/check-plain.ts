import type { Say } from './checks.ts'
import type { Path } from './path.ts'
import type { Problem } from './position.ts'
import type { ReleaseConfig } from './schema.ts'

const CONTENTS = ['chart', 'manifests', 'kustomization'] as const
/** They speak to a chart, and there is none. */
const OF_CHARTS = ['repository', 'version', 'values', 'set', 'configMaps'] as const

/** Has it no chart? */
export function isPlain(release: ReleaseConfig | undefined): boolean {
  return release?.manifests !== undefined || release?.kustomization !== undefined
}

/** A release is made of one thing, and what is not a chart takes no values. */
export function checkContent(release: ReleaseConfig, path: Path, say: Say): Problem[] {
  const [content, ...others] = CONTENTS.filter((key) => release[key] !== undefined)
  if (content === undefined) return [say(path, 'needs "chart", "manifests" or "kustomization"')]
  const faults = others.map((key) => say([...path, key], `does not go with "${content}"`))
  if (!isPlain(release)) return faults
  const own = content === 'chart' ? (others[0] ?? content) : content
  for (const key of OF_CHARTS)
    if (release[key] !== undefined) faults.push(say([...path, key], `is for charts, and does not go with "${own}"`))
  const named = [release.manifests ?? []].flat()
  if (release.manifests !== undefined && named.length === 0)
    faults.push(say([...path, 'manifests'], 'must name at least one file, folder or pattern'))
  return faults
}
