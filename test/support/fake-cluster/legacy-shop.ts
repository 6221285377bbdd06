import type { KubeObject } from '../../../src/domain/kube.ts'
import type { SourceObject } from '../../../src/domain/migrate/source.ts'
import { LAST_APPLIED } from '../../../src/domain/migrate/stated.ts'
import { migrate, type Saving } from '../../../src/flows/migrate/migrate.ts'
import { undo, type UndoRequest } from '../../../src/flows/migrate/undo.ts'
import type { DeployOptions } from '../../../src/flows/deploy/options.ts'
import { DEPLOY, ROLLBACK, SCOPE, type Run } from './run.ts'
import { Shop } from './shop.ts'
import type { Action } from './walk.ts'

/** The shop as kubectl had made it, before helm: with data, a Job that has ended, what only the old stack has, and other people's things. */
export function legacyShop(more: readonly KubeObject[] = []): Shop {
  const shop = new Shop()
  shop.set('base', { more: [CLAIM, job('seed:2'), ...more] })
  const { store } = shop.cluster
  store.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  store.put(VOLUME)
  store.put(LOGIN)
  for (const object of OLD) store.put(applied(object))
  for (const object of FOREIGN) store.put(object)
  store.put({ ...applied(CLAIM), spec: { ...CLAIM.spec, volumeName: 'pv-data' }, status: { phase: 'Bound' } })
  return shop
}

const PLACE = { namespace: 'shop' }

const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', ...PLACE },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

const VOLUME = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv-data' },
  spec: { persistentVolumeReclaimPolicy: 'Delete' },
}

const LOGIN = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', ...PLACE },
  data: { password: btoa('a-password-that-is-long-enough') },
  type: 'Opaque',
}

const configMap = (name: string, data: object): KubeObject => {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...PLACE }, data }
}

const deployment = (name: string, more: object = {}): KubeObject => {
  const labels = { 'app.kubernetes.io/name': name }
  const readinessProbe = { httpGet: { path: '/', port: 80 } }
  const envFrom = [{ configMapRef: { name } }, { secretRef: { name: 'login' } }]
  const container = { name, image: `${name}:1`, readinessProbe, envFrom, ...more }
  const template = { metadata: { labels }, spec: { containers: [container] } }
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, ...PLACE, labels } },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  }
}

function job(image: string): KubeObject {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'seed', image }] } }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'seed', ...PLACE }, spec: { template } }
}

const OLD: readonly KubeObject[] = [
  configMap('base', { COLOUR: 'blue' }),
  configMap('top', { COLOUR: 'blue', OLD: '1' }),
  deployment('base'),
  deployment('top', { terminationMessagePath: '/old' }),
  job('seed:1'),
  configMap('left', { of: 'old' }),
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'left', ...PLACE }, spec: { selector: { app: 'left' } } },
]

const FOREIGN: readonly KubeObject[] = [
  configMap('theirs', { a: 'b' }),
  deployment('theirs'),
  { ...CLAIM, metadata: { name: 'theirs', ...PLACE }, status: { phase: 'Bound' } },
]

/** What `--from` has: all but what scripts and others had made. */
export const SOURCE: readonly SourceObject[] = [...OLD, CLAIM].map((object) => ({
  object,
  at: { file: 'old.yaml', line: 1 },
}))

/** As `kubectl apply` leaves it. */
export function applied(object: KubeObject): KubeObject {
  const text = `${JSON.stringify(object)}\n`
  const managedFields = [
    { manager: 'kubectl-client-side-apply', operation: 'Update', fieldsV1: ownedBy(object) } as const,
  ]
  return { ...object, metadata: { ...object.metadata, annotations: { [LAST_APPLIED]: text }, managedFields } }
}

/** As the API server notes who wrote what; a list is one value here. */
function ownedBy({ apiVersion: _version, kind: _kind, metadata, ...fields }: KubeObject): unknown {
  return setOf({ ...fields, metadata: { labels: metadata.labels ?? {}, annotations: { [LAST_APPLIED]: '' } } })
}

function setOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [`f:${name}`, setOf(one)]))
}

export const migrating =
  (options: Partial<DeployOptions> = {}, source = SOURCE, asked: Omit<Saving, 'store'> = NOTHING_ASKED): Action =>
  async (run) => {
    const saving = { store: run.ports.evidence, ...asked }
    const read = async (): Promise<typeof source> => await Promise.resolve(source)
    return await run.ends(migrate(run.ports, { ...DEPLOY, ...options }, read, saving))
  }

const NOTHING_ASKED: Omit<Saving, 'store'> = {
  checks: [],
  pods: { run: () => Promise.reject(new Error('nothing was to be asked')) },
}

export const migrates: Action = migrating()

export const undoes: Action = async (run: Run) => {
  const request: UndoRequest = { ...ROLLBACK, scope: { command: 'migrate-to-helm', ...SCOPE } }
  return await run.ends(undo(run.ports, request, () => []))
}

/** What helm and a migration mark objects with, and keep beside them. */
export function marksIn({ cluster: { store } }: Shop): string[] {
  return store.all().flatMap((object) => {
    const { name, labels = {}, annotations = {} } = object.metadata
    const isRecord = object['type'] === 'helm.sh/release.v1' || object['type'] === 'forge.api-forge.io/legacy'
    const marks = [...Object.keys(labels), ...Object.keys(annotations)].filter((key) => /helm|managed-by/u.test(key))
    return [...(isRecord ? [name] : []), ...marks.map((key) => `${name} ${key}`)]
  })
}

/** Other people's objects, with what changes whenever they are written. */
export function foreignOf({ cluster: { store } }: Shop): unknown[] {
  return store.all().filter(({ metadata }) => metadata.name.startsWith('theirs'))
}

export function policyOf({ cluster }: Shop): unknown {
  const volume = cluster.see({ apiVersion: 'v1', kind: 'PersistentVolume', name: 'pv-data' })
  return (volume?.['spec'] as Record<string, unknown> | undefined)?.['persistentVolumeReclaimPolicy']
}

/** A Job that had ended is there again, and does not run again. */
export function fieldsOf(shop: Shop): unknown {
  return JSON.parse(JSON.stringify(shop.state()).replaceAll(',"suspend":true', ''))
}
