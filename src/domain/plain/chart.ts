import { literal } from '../init/chart-template.ts'
import { writeYaml } from '../manifest/write-yaml.ts'
import type { SourcePlace } from '../migrate/source.ts'
import { isDefinition, type PlainObject } from './objects.ts'

/** Of every chart that forge makes: what changes is what is in it, and the record has that. */
const VERSION = '0.0.0'

/** A name has 253 letters at most, and a file 255. */
const LONGEST = 200

export interface PlainChart {
  /** Path below its folder → text. */
  readonly files: ReadonlyMap<string, string>
  /** Where each of its objects was written, by the template's name as helm prints it. */
  readonly places: ReadonlyMap<string, SourcePlace>
}

/**
 * A chart without a template. helm prints each object as it was read, braces and all. Definitions
 * are in crds/, where helm finds them before it looks up the kinds of all else.
 */
export function plainChart(release: string, objects: readonly PlainObject[]): PlainChart {
  const places = new Map<string, SourcePlace>()
  const files = new Map([
    ['Chart.yaml', writeYaml({ apiVersion: 'v2', name: release, version: VERSION })],
    ['values.yaml', '{}\n'],
  ])
  for (const { object, at } of objects) {
    const text = writeYaml(object)
    const isInCrds = isDefinition(object)
    const path = free(`${isInCrds ? 'crds' : 'templates'}/${stemOf(object)}`, files)
    files.set(path, isInCrds ? text : literal(text))
    places.set(`${release}/${path}`, at)
  }
  return { files, places }
}

/** By the object alone, wherever it stands: `# Source:` lines are a part of what is compared. */
function stemOf({ kind, metadata: { name, namespace } }: PlainObject['object']): string {
  const words = [kind.toLowerCase(), ...(namespace === undefined ? [] : [namespace]), name]
  return words
    .join('-')
    .replaceAll(/[^a-z0-9.-]+/gu, '-')
    .slice(0, LONGEST)
}

function free(path: string, files: ReadonlyMap<string, string>): string {
  for (let number = 1; ; number += 1) {
    const full = `${path}${number === 1 ? '' : `-${number}`}.yaml`
    if (!files.has(full)) return full
  }
}
