import { judgeOwners, mostTelling } from '../../src/domain/gitops/judge.ts'
import { parseRevision, type Relation } from '../../src/domain/gitops/revision.ts'
import type { Standing } from '../../src/domain/gitops/standing.ts'
import { keyOf, refOf, type KubeObject, type ObjectRef } from '../../src/domain/kube.ts'
import { forge } from '../../src/hint.ts'

export const WANTED = '1a2b3c4d5e6f708192a3b4c5d6e7f80912345678'
export const OLD = '0f0f0f0f0f0f708192a3b4c5d6e7f80912345678'
export const NEW = '9e9e9e9e9e9e708192a3b4c5d6e7f80912345678'
export const DIGEST = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'
export const at = (hex: string): string => `main@sha1:${hex}`

export type Status = Record<string, unknown>
export const ready = (status: 'True' | 'False' | 'Unknown', reason: string, message = ''): Status => ({
  type: 'Ready',
  status,
  reason,
  message,
  observedGeneration: 1,
})
export const made = (
  apiVersion: string,
  kind: string,
  spec: unknown,
  status: Status,
  meta: Partial<KubeObject['metadata']> = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'shop', namespace: 'flux-system', generation: 1, ...meta },
  spec,
  status: { observedGeneration: 1, ...status },
})
export const SOURCE = 'source.toolkit.fluxcd.io/v1'
export const repository = (revision: string, spec: object = {}, status: Status = {}): KubeObject =>
  made(
    SOURCE,
    'GitRepository',
    { interval: '1m', ...spec },
    { artifact: { revision }, conditions: [ready('True', 'Succeeded')], ...status },
  )
export const kustomization = (
  status: Status,
  spec: object = {},
  meta: Partial<KubeObject['metadata']> = {},
): KubeObject =>
  made(
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    { sourceRef: { kind: 'GitRepository', name: 'shop' }, ...spec },
    status,
    meta,
  )
export const applied = (hex: string): Status => ({
  lastAppliedRevision: at(hex),
  lastAttemptedRevision: at(hex),
  conditions: [ready('True', 'ReconciliationSucceeded')],
})
export const tried = (reason: string, message: string): Status => ({
  lastAppliedRevision: at(OLD),
  lastAttemptedRevision: at(WANTED),
  conditions: [ready('False', reason, message)],
})
export const BY_KUSTOMIZATION = {
  'kustomize.toolkit.fluxcd.io/name': 'shop',
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
}
export const CHART = { chart: { spec: { chart: './chart', sourceRef: { kind: 'GitRepository', name: 'shop' } } } }
export const release = (status: Status, spec: object = CHART, meta: Partial<KubeObject['metadata']> = {}): KubeObject =>
  made(
    'helm.toolkit.fluxcd.io/v2',
    'HelmRelease',
    spec,
    { lastAttemptedGeneration: 1, helmChart: 'flux-system/flux-system-shop', ...status },
    { labels: BY_KUSTOMIZATION, ...meta },
  )
export const packed = (hex: string, status: Status = {}, spec: object = {}): KubeObject =>
  made(
    SOURCE,
    'HelmChart',
    { chart: './chart', sourceRef: { kind: 'GitRepository', name: 'shop' }, ...spec },
    {
      observedSourceArtifactRevision: at(hex),
      artifact: { revision: '0.1.0' },
      conditions: [ready('True', 'ChartPackageSucceeded')],
      ...status,
    },
    { name: 'flux-system-shop' },
  )
export const upgraded = { lastAttemptedRevision: '0.1.0', conditions: [ready('True', 'UpgradeSucceeded')] }

export function judge(
  objects: readonly KubeObject[],
  { had = [], wanted = WANTED }: { had?: string[]; wanted?: string } = {},
): readonly Standing[] {
  const all = new Map(objects.map((one) => [keyOf(one), one]))
  const isSource = ({ kind }: ObjectRef): boolean =>
    kind === (wanted.startsWith('sha256') ? 'OCIRepository' : 'GitRepository')
  const relation = (revision: string): Relation =>
    revision.includes(NEW) ? 'newer' : revision.includes(OLD) ? 'older' : 'unknown'
  const owners = objects.filter(({ kind }) => ['Kustomization', 'HelmRelease', 'Application'].includes(kind)).map(refOf)
  const parsed = parseRevision(wanted)
  if (parsed === undefined) throw new Error('no revision')
  return judgeOwners(owners, {
    wanted: parsed,
    get: (ref) => all.get(keyOf(ref)),
    isOurs: isSource,
    relation,
    had: new Set(had),
    resume: forge('resume'),
  })
}
export const told = (standings: readonly Standing[]): Standing | undefined => mostTelling(standings, () => 0)
