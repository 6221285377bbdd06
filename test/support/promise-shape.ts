import * as fc from 'fast-check'
import type { Manifest } from './small.ts'

const SANDBOX = 'sandbox.forge.api-forge.io'
/** With some of them a hook stands in the way of its next run. */
const POLICIES = [
  [],
  ['hook-succeeded'],
  ['hook-failed'],
  ['before-hook-creation'],
  ['before-hook-creation', 'hook-succeeded'],
  ['before-hook-creation', 'hook-failed'],
  ['hook-succeeded', 'hook-failed'],
]
export const ELSEWHERE = '-elsewhere'

/** What a small chart renders. Everything in it may change from one deploy to the next. */
export interface Shape {
  /** Of web, hook and Job: a number of its own for each deploy. */
  readonly version: number
  readonly replicas: number
  /** What the new pods of `web` do. */
  readonly web: 'runs' | 'image' | 'crash'
  readonly hook: { readonly event: string; readonly policies: readonly string[]; readonly fails: boolean } | undefined
  readonly job:
    { readonly ttl: number | undefined; readonly named: 'anew' | 'same'; readonly fails: boolean } | undefined
  readonly database:
    | {
        readonly ordered: boolean
        readonly crashes: boolean
        readonly replicas: number
        readonly retention: string | undefined
      }
    | undefined
  readonly claim: boolean
  readonly custom: boolean
  readonly elsewhere: boolean
}

const hook = fc.record({
  event: fc.constantFrom(
    'pre-install,pre-upgrade',
    'post-install,post-upgrade',
    'pre-rollback',
    'pre-install,pre-upgrade,post-rollback',
  ),
  policies: fc.constantFrom(...POLICIES),
  fails: fc.constant(false),
})
const job = fc.record({
  ttl: fc.constantFrom(undefined, undefined, 0, 2),
  named: fc.constantFrom('anew' as const, 'same' as const),
  fails: fc.constant(false),
})
const database = fc.record({
  ordered: fc.boolean(),
  crashes: fc.constant(false),
  replicas: fc.constantFrom(1, 2),
  retention: fc.constantFrom(undefined, undefined, 'Delete'),
})
/** Two times of three. */
export const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: one })

/** One that deploys well. */
export const goodShape: fc.Arbitrary<Shape> = fc.record({
  version: fc.constant(1),
  replicas: fc.constantFrom(1, 2),
  web: fc.constant('runs' as const),
  hook: maybe(hook),
  job: maybe(job),
  database: maybe(database),
  claim: fc.boolean(),
  custom: fc.boolean(),
  elsewhere: fc.boolean(),
})

export type Change = (before: Shape) => Shape

interface Named {
  readonly name: string
  readonly change: Change
}

const bad: readonly Named[] = [
  { name: 'an image that does not exist', change: (one) => ({ ...one, web: 'image' }) },
  { name: 'a crash', change: (one) => ({ ...one, web: 'crash' }) },
  {
    name: 'a failing hook',
    change: (one) => ({
      ...one,
      hook: { event: 'pre-install,pre-upgrade', policies: one.hook?.policies ?? [], fails: true },
    }),
  },
  {
    name: 'a failing Job',
    change: (one) => ({ ...one, job: { ttl: one.job?.ttl, named: one.job?.named ?? 'anew', fails: true } }),
  },
  {
    name: 'a crashing database',
    change: (one) =>
      one.database === undefined ? { ...one, web: 'crash' } : { ...one, database: { ...one.database, crashes: true } },
  },
]

const good = fc.oneof(
  fc.constant<Named>({ name: 'another image', change: (one) => one }),
  fc
    .constantFrom(1, 2, 3)
    .map((replicas): Named => ({ name: `${replicas} replicas`, change: (one) => ({ ...one, replicas }) })),
  maybe(hook).map((next): Named => ({ name: 'another hook', change: (one) => ({ ...one, hook: next }) })),
  maybe(job).map((next): Named => ({ name: 'another Job', change: (one) => ({ ...one, job: next }) })),
  fc.constant<Named>({ name: 'custom resource on or off', change: (one) => ({ ...one, custom: !one.custom }) }),
  fc.constant<Named>({ name: 'elsewhere on or off', change: (one) => ({ ...one, elsewhere: !one.elsewhere }) }),
  fc.constant<Named>({ name: 'claim on or off', change: (one) => ({ ...one, claim: !one.claim }) }),
  fc.constant<Named>({
    name: 'fewer databases',
    change: (one) => ({
      ...one,
      ...(one.database === undefined ? {} : { database: { ...one.database, replicas: 1 } }),
    }),
  }),
)

export const changes: fc.Arbitrary<Named & { readonly isGood: boolean }> = fc.oneof(
  good.map((one) => ({ ...one, isGood: true })),
  fc.constantFrom(...bad).map((one) => ({ ...one, isGood: false })),
)

const image = (name: string, version: number): string => `example.test/${name}:${version}`

function pods(
  labels: Record<string, string>,
  annotations: Record<string, string>,
  spec: Record<string, unknown>,
): unknown {
  return { metadata: { labels, annotations }, spec }
}

const fail = (how: string | undefined): Record<string, string> =>
  how === undefined ? {} : { [`${SANDBOX}/fail`]: how }

/** What the chart renders. `group` is that of the custom resource, which is the test's own. */
export function objectsOf(shape: Shape, namespace: string, group: string): Manifest[] {
  const { version, replicas, web, claim } = shape
  const place = { namespace: `${namespace}${ELSEWHERE}` }
  const of = web === 'image' ? `a.invalid/web:${version}` : image('web', version)
  const objects: (Manifest | undefined)[] = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { version: String(version) } },
    deployment({ name: 'web', of, replicas, crashes: web === 'crash', claim }),
    hookOf(shape),
    jobOf(shape),
    databaseOf(shape),
    claim ? CLAIM : undefined,
    shape.custom
      ? { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'thing' }, spec: { version } }
      : undefined,
    shape.elsewhere ? deployment({ name: 'far', place, of: image('far', version), replicas: 1 }) : undefined,
  ]
  return objects.filter((one) => one !== undefined)
}

const ONE_GIGABYTE = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const CLAIM: Manifest = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: ONE_GIGABYTE,
}

interface Workload {
  readonly name: string
  readonly of: string
  readonly replicas: number
  readonly place?: object
  readonly crashes?: boolean
  /** It mounts the claim, which is bound by that. */
  readonly claim?: boolean
}

function deployment({ name, of, replicas, place = {}, crashes = false, claim = false }: Workload): Manifest {
  const mounts = claim ? { volumeMounts: [{ name: 'data', mountPath: '/data' }] } : {}
  const volumes = claim ? { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } : {}
  const container = { name, image: of, readinessProbe: { httpGet: { path: '/', port: 80 } }, ...mounts }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...place },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: pods({ app: name }, fail(crashes ? 'crash-loop' : undefined), { containers: [container], ...volumes }),
    },
  }
}

function hookOf({ hook: one, version }: Shape): Manifest | undefined {
  if (one === undefined) return undefined
  const policy = one.policies.length === 0 ? {} : { 'helm.sh/hook-delete-policy': one.policies.join(',') }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'hook', ...{ annotations: { 'helm.sh/hook': one.event, ...policy } } },
    spec: {
      backoffLimit: 0,
      template: pods({}, fail(one.fails ? 'job' : undefined), {
        restartPolicy: 'Never',
        containers: [{ name: 'hook', image: image('hook', version) }],
      }),
    },
  }
}

function jobOf({ job: one, version }: Shape): Manifest | undefined {
  if (one === undefined) return undefined
  const isNew = one.named === 'anew' || one.fails
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: isNew ? `job-${version}` : 'job' },
    spec: {
      backoffLimit: 0,
      ...(one.ttl === undefined ? {} : { ttlSecondsAfterFinished: one.ttl }),
      template: pods({}, fail(one.fails ? 'job' : undefined), {
        restartPolicy: 'Never',
        containers: [{ name: 'job', image: image('job', isNew ? version : 1) }],
      }),
    },
  }
}

function databaseOf({ database: one, version }: Shape): Manifest | undefined {
  if (one === undefined) return undefined
  const { ordered, crashes, replicas, retention } = one
  const policy =
    retention === undefined
      ? {}
      : { persistentVolumeClaimRetentionPolicy: { whenDeleted: retention, whenScaled: retention } }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'database' },
    spec: {
      replicas,
      serviceName: 'database',
      podManagementPolicy: ordered ? 'OrderedReady' : 'Parallel',
      ...policy,
      selector: { matchLabels: { app: 'database' } },
      template: pods({ app: 'database' }, fail(crashes ? 'crash-loop' : undefined), {
        containers: [
          { name: 'database', image: image('database', version), readinessProbe: { httpGet: { path: '/', port: 80 } } },
        ],
      }),
      volumeClaimTemplates: [{ metadata: { name: 'store' }, spec: ONE_GIGABYTE }],
    },
  }
}
