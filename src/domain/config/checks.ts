import { checkBackups } from './check-backup.ts'
import { checkContent, isPlain } from './check-plain.ts'
import { checkSecret, checkVaultPaths } from './check-secret.ts'
import { generateUses, type idleEverywhere } from './idle-generate.ts'
import { describe } from './issues.ts'
import { suggestion } from './nearest.ts'
import { orderByNeeds } from './order.ts'
import { isMap, showPath, type Path } from './path.ts'
import type { Places } from './places.ts'
import type { Problem } from './position.ts'
import type { ImageConfig, ReleaseConfig, Sections } from './schema.ts'
import { parseValuePath } from './value-path.ts'

/** What a schema cannot say: names that must exist, keys that exclude or need each other. */
export function checkSections(sections: Sections, places: Places): Problem[] {
  const say = sayer(places)
  const releases = Object.entries(sections.releases ?? {})
  const names = releases.map(([name]) => name)
  return [
    ...releases.flatMap(([name, release]) => checkRelease(release, ['releases', name], names, say)),
    ...checkCycle(releases, say),
    ...checkNamespaceLabels(releases, say),
    ...Object.entries(sections.images ?? {}).flatMap(([name, image]) =>
      checkImage(image, ['images', name], sections.releases ?? {}, say),
    ),
    ...Object.entries(sections.secrets ?? {}).flatMap(([name, secret]) => checkSecret(secret, ['secrets', name], say)),
    ...checkVaultPaths(sections.secrets ?? {}, say),
    ...checkBackups(sections, say),
  ]
}

/** What each `generate` of an environment makes; `problem` is for one that makes nothing anywhere. */
export function generateUsesOf(sections: Sections, places: Places): Parameters<typeof idleEverywhere>[0] {
  const say = sayer(places)
  return Object.entries(sections.secrets ?? {}).flatMap(([name, secret]) =>
    generateUses(secret, ['secrets', name]).map((use) => {
      const { message } = say(use.path, `has no effect: ${use.idle ?? ''}`)
      return { ...use, problem: { message, at: places.keyOf(use.path) } }
    }),
  )
}

/** A fault of what stands at a path. */
export type Say = (path: Path, fault: string) => Problem

function sayer(places: Places): Say {
  return (path, fault) => ({ message: `${showPath(places.actual(path))} ${fault}`, at: places.of(path) })
}

/** No ranges: what is deployed must be what was tried. */
export const EXACT_VERSION = /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/u

function checkRelease(release: ReleaseConfig, path: Path, names: readonly string[], say: Say): Problem[] {
  const own = String(path[1])
  const faults = (release.needs ?? []).flatMap((needed, index) => {
    if (needed === own) return [say([...path, 'needs', index], 'needs itself')]
    const others = names.filter((name) => name !== own)
    return names.includes(needed)
      ? []
      : [
          say(
            [...path, 'needs', index],
            `names a release that does not exist: "${needed}"${suggestion(needed, others)}`,
          ),
        ]
  })
  if ([release.takesOver ?? []].flat().includes(own))
    faults.push(say([...path, 'takesOver'], 'names the release itself'))
  faults.push(...checkValuePaths(release, path, say))
  const { schema } = release
  if (schema !== undefined && schema.oldestReader > schema.version) {
    faults.push(
      say(
        [...path, 'schema', 'oldestReader'],
        `is newer (${schema.oldestReader}) than the version (${schema.version})`,
      ),
    )
  }
  const ofChart = release.chart === undefined ? [] : checkChart({ ...release, chart: release.chart }, path, say)
  return [...faults, ...checkContent(release, path, say), ...ofChart]
}

function checkValuePaths({ set = {}, values = [] }: ReleaseConfig, path: Path, say: Say): Problem[] {
  const isPath = (text: unknown): boolean => typeof text !== 'string' || parseValuePath(text) !== undefined
  const inner = (value: unknown, at: Path): Problem[] =>
    isMap(value) && !isPath(value['path'])
      ? [say([...at, 'path'], `is not a valid path: "${String(value['path'])}"`)]
      : []
  return [
    ...Object.entries(set).flatMap(([key, value]) => [
      ...(isPath(key) ? [] : [say([...path, 'set', key], 'is not a valid value path')]),
      ...inner(value, [...path, 'set', key]),
    ]),
    ...values.flatMap((written, index) => inner(written, [...path, 'values', index])),
  ]
}

function checkChart(release: ReleaseConfig & { readonly chart: string }, path: Path, say: Say): Problem[] {
  const { chart, repository, version } = release
  // helm would take it for an option, such as one that names a program to run.
  if (chart.startsWith('-')) return [say([...path, 'chart'], 'must not begin with a dash')]
  const oci = chart.startsWith('oci://')
  const tag = oci ? /:([^/:@]+)(?:@.*)?$/u.exec(chart.slice('oci://'.length))?.[1] : undefined
  if (!oci && repository === undefined) {
    return version === undefined
      ? []
      : [
          say(
            [...path, 'version'],
            'is for charts from a registry; a folder or packed chart has its version in Chart.yaml',
          ),
        ]
  }
  if (oci && repository !== undefined) return [say([...path, 'repository'], 'does not go with an OCI reference')]
  const exact = version ?? tag
  if (exact === undefined) {
    return oci && chart.includes('@sha256:') ? [] : [say([...path, 'chart'], 'needs an exact "version" beside it')]
  }
  if (EXACT_VERSION.test(exact)) return []
  return [
    say(
      version === undefined ? [...path, 'chart'] : [...path, 'version'],
      `must be one exact version, such as 1.2.3, not ${describe(exact)}`,
    ),
  ]
}

/** Marks of forge's own and of Kubernetes, by which they know a namespace. */
const NOT_FOR_PEOPLE = /^(?:forge\.api-forge\.io\/|kubernetes\.io\/metadata\.name$)/u

/** One namespace gets one value of a label. */
function checkNamespaceLabels(releases: readonly (readonly [string, ReleaseConfig])[], say: Say): Problem[] {
  const first = new Map<string, { readonly release: string; readonly value: string }>()
  return releases.flatMap(([release, { namespace = '', createNamespace }]) =>
    Object.entries(createNamespace?.labels ?? {}).flatMap(([label, value]) => {
      const path = ['releases', release, 'createNamespace', 'labels', label]
      if (NOT_FOR_PEOPLE.test(label)) return [say(path, 'is set by forge or by Kubernetes')]
      const known = first.get(`${namespace}/${label}`)
      if (known === undefined) first.set(`${namespace}/${label}`, { release, value })
      return known === undefined || known.value === value
        ? []
        : [say(path, `is "${value}", and "${known.value}" for release ${known.release} of the same namespace`)]
    }),
  )
}

function checkCycle(releases: readonly (readonly [string, ReleaseConfig])[], say: Say): Problem[] {
  // Whoever needs itself is told so by name already.
  const needs = new Map(
    releases.map(([name, release]) => [name, (release.needs ?? []).filter((needed) => needed !== name)]),
  )
  const ordered = orderByNeeds(needs)
  if (!('cycle' in ordered)) return []
  const [first = ''] = ordered.cycle
  return [say(['releases', first, 'needs'], `goes in a circle: ${ordered.cycle.join(' → ')}`)]
}

function checkImage(image: ImageConfig, path: Path, all: Readonly<Record<string, ReleaseConfig>>, say: Say): Problem[] {
  const releases = Object.keys(all)
  const faults: Problem[] = []
  const { build, ref } = image
  if (build === undefined && ref === undefined) faults.push(say(path, 'needs "build" or "ref"'))
  if (build !== undefined && ref !== undefined) faults.push(say([...path, 'ref'], 'does not go with "build"'))
  if (image.also !== undefined && (build === undefined || image.repository === undefined))
    faults.push(say([...path, 'also'], 'needs "build" and "repository" beside it'))
  if (build !== undefined) faults.push(...checkBuild(build, [...path, 'build'], say))
  const targets = typeof image.to === 'string' ? [image.to] : (image.to ?? [])
  targets.forEach((target, index) => {
    const at = typeof image.to === 'string' ? [...path, 'to'] : [...path, 'to', index]
    const { release, value } = splitTarget(target)
    if (release === undefined && releases.length > 1) {
      faults.push(say(at, `must say which release is meant, such as ${releases[0] ?? ''}:${target}`))
    } else if (release !== undefined && !releases.includes(release)) {
      faults.push(say(at, `names a release that does not exist: "${release}"${suggestion(release, releases)}`))
    }
    const meant = release ?? (releases.length === 1 ? releases[0] : undefined)
    if (isPlain(all[meant ?? '']))
      faults.push(say(at, `leads into release ${meant ?? ''}, which has no chart and takes no values`))
    if (parseValuePath(value) === undefined) faults.push(say(at, `is not a valid value path: "${target}"`))
  })
  return faults
}

function checkBuild(build: NonNullable<ImageConfig['build']>, path: Path, say: Say): Problem[] {
  if (build.compose === undefined)
    return build.service === undefined ? [] : [say([...path, 'service'], 'needs "compose" beside it')]
  if (build.service === undefined) return [say(path, 'needs "service" beside "compose"')]
  const other = Object.keys(build).filter((key) => key !== 'compose' && key !== 'service')
  return other.map((key) => say([...path, key], 'does not go with "compose"'))
}

/** `release:path`, or a path alone. */
export function splitTarget(target: string): { release: string | undefined; value: string } {
  const [, release, value] = /^([a-z0-9-]+):(.*)$/su.exec(target) ?? []
  return { release, value: value ?? target }
}
