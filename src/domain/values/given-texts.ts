import type { ValuePath } from '../config/value-path.ts'
import { leavesOf, lookUp } from './layers.ts'
import { parseSetting } from './set-option.ts'
import type { Setting } from './settings.ts'
import { textOf } from './text-of.ts'

/** Each text that the command line gives, and where it goes: what may be a secret. Of --set-file, the paths. */
export function givenTexts(
  setting: Setting,
  releases: readonly string[],
): readonly { readonly path: ValuePath; readonly text: string }[] {
  const parsed = parseSetting(setting, releases)
  if ('fault' in parsed) return []
  const given = 'document' in parsed ? [{ path: [], value: parsed.document }] : parsed.assignments
  return given.flatMap(({ path, value }) => {
    const leaves = typeof value === 'object' && value !== null ? leavesOf(value) : [[]]
    return leaves.map((leaf) => ({ path: [...path, ...leaf], text: textOf(lookUp(value, leaf)?.value ?? null) }))
  })
}
