import { forge, helm, program } from '../../hint.ts'
import { floats, parseReference } from '../images/reference.ts'
import { groupOf, nameOf, type KubeObject } from '../kube.ts'
import { list, record } from '../look/shape.ts'
import type { Json } from '../values/model.ts'
import { leavesOf, mistakeIn, type Mistake, type Written } from './mistake.ts'
import { isBuiltIn } from './pods.ts'

const EXACT = /^v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/u

interface Stated {
  readonly chart: string
  readonly version: unknown
}

/** Charts that a GitOps tool gets by a range: what runs changes without a commit. A chart in Git has the version of its commit. */
export function floatingCharts(written: readonly Written[]): Mistake[] {
  return written.flatMap((one) =>
    statedIn(one.object).flatMap(({ chart, version }): Mistake[] => {
      if (typeof version === 'string' && EXACT.test(version)) return []
      const said = typeof version !== 'string' || version === '' ? 'no version' : `version ${version}`
      const text = `${nameOf(one.object)} gets chart ${chart} in ${said}, so what runs can change without a commit`
      return [mistakeIn(one, text, helm(['search', 'repo', chart, '--versions']))]
    }),
  )
}

function statedIn({ apiVersion, kind, spec }: KubeObject): Stated[] {
  const root = record(spec)
  if (kind === 'HelmRelease' && apiVersion.startsWith('helm.toolkit.fluxcd.io/'))
    return fromFlux(record(record(root['chart'])['spec']))
  if (kind === 'HelmChart' && apiVersion.startsWith('source.toolkit.fluxcd.io/')) return fromFlux(root)
  if (kind !== 'Application' || !apiVersion.startsWith('argoproj.io/')) return []
  return [root['source'], ...list(root['sources'])]
    .map(record)
    .filter((source) => typeof source['chart'] === 'string')
    .map(({ chart, targetRevision }) => ({ chart: String(chart), version: targetRevision }))
}

function fromFlux({ chart, version, sourceRef }: Readonly<Record<string, unknown>>): Stated[] {
  return record(sourceRef)['kind'] === 'HelmRepository' ? [{ chart: String(chart), version }] : []
}

/** Images of custom resources, and tags in the values of a HelmRelease: those of pods are looked at where these are. */
export function floatingImages(written: readonly Written[]): Mistake[] {
  return written
    .filter(({ object }) => !isBuiltIn(groupOf(object.apiVersion)))
    .flatMap((one) =>
      [...leavesOf(one.object['spec'] as Json, 'spec')]
        .filter(([path, value]) => isFloating(path, value))
        .map(([path, value]) => {
          const hint = one.at === undefined ? forge('render') : program('grep', '--line-number', value, one.at.file)
          const text = `${path} of ${nameOf(one.object)} is ${value}, which floats, so what runs can change without a deploy`
          return mistakeIn(one, text, hint)
        }),
    )
}

function isFloating(path: string, value: string): boolean {
  const key = path.split('.').at(-1) ?? ''
  if (key === 'tag') return value === 'latest'
  if (key !== 'image' && key !== 'imageName') return false
  const parsed = parseReference(value)
  return !('problem' in parsed) && floats(parsed)
}
