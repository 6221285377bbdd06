import { expect, test } from '@jest/globals'
import { floatingCharts, floatingImages } from '../../src/domain/doctor/floating.ts'
import { clusterMistakes } from '../../src/domain/doctor/clusters.ts'
import { unmadeDatabases } from '../../src/domain/doctor/databases.ts'
import { placeholders } from '../../src/domain/doctor/placeholders.ts'
import { oldPlugins } from '../../src/domain/doctor/plugins.ts'
import type { WrittenRelease } from '../../src/domain/doctor/mistake.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { Json, Origins } from '../../src/domain/values/model.ts'
import { object } from '../support/doctor-objects.ts'

const at = { file: 'values.yaml', line: 3, column: 1 }

function release(values: Readonly<Record<string, Json>>, objects: readonly KubeObject[] = []): WrittenRelease {
  const origins: Origins = new Map(
    Object.entries(values).map(([path, value]) => [path, [{ origin: { kind: 'file', at }, value }]] as const),
  )
  return { name: 'app', origins, objects: objects.map((one) => ({ object: one })) }
}

const pod = (container: object): KubeObject =>
  object('apps/v1', 'Deployment', 'web', {
    spec: { template: { spec: { containers: [{ name: 'a', ...container }] } } },
  })

test.each<[string, WrittenRelease, string[]]>([
  ['in a value', release({ 'db.password': '${DB_PASSWORD}' }), ['values.yaml:3']],
  ['within a URL', release({ url: 'postgres://app:${DB_PASSWORD:-none}@db/app' }), ['values.yaml:3']],
  ['in two values, told once', release({ a: '${DB_PASSWORD}', b: '${DB_PASSWORD}' }), ['values.yaml:3']],
  ['in a command', release({ 'job.command[2]': '${DB_PASSWORD}' }), []],
  ['in a line of a shell', release({ start: 'exec app --password ${DB_PASSWORD}' }), []],
  ['of Kubernetes', release({ url: 'http://$(HOST)' }), []],
  ['in a number', release({ count: 1 }), []],
  ['in the environment', release({}, [pod({ env: [{ name: 'A', value: '${DB_PASSWORD}' }] })]), ['Deployment/web']],
  ['in arguments', release({}, [pod({ args: ['${DB_PASSWORD}'] })]), []],
  ['in a Secret', release({}, [object('v1', 'Secret', 's', { stringData: { a: '${DB_PASSWORD}' } })]), ['Secret/s']],
  ['encoded in one', release({}, [object('v1', 'Secret', 's', { data: { a: btoa('${DB_PASSWORD}') } })]), ['Secret/s']],
  ['in a file of a ConfigMap', release({}, [object('v1', 'ConfigMap', 'c', { data: { a: '${DB_PASSWORD}' } })]), []],
])('a placeholder %s', (_, written, where) => {
  expect(placeholders(written).map((one) => one.where)).toEqual(where)
})

const store = (plugin: string): KubeObject =>
  object('v1', 'ConfigMap', 'temporal', {
    data: { 'config.yaml': `persistence:\n  datastores:\n    default:\n      sql:\n        pluginName: "${plugin}"\n` },
  })

test.each<[string, WrittenRelease, number]>([
  ['postgres in values', release({ 'server.config.persistence.default.sql.driver': 'postgres' }), 1],
  ['postgres12 in values', release({ 'server.config.persistence.default.sql.driver': 'postgres12' }), 0],
  ['the driver of something else', release({ 'database.driver': 'postgres' }), 0],
  ['postgres in the configuration', release({}, [store('postgres')]), 1],
  ['postgres12_pgx there', release({}, [store('postgres12_pgx')]), 0],
  ['SQL_PLUGIN', release({}, [pod({ env: [{ name: 'SQL_PLUGIN', value: 'mysql' }] })]), 1],
  [
    'DB of its own image',
    release({}, [pod({ image: 'temporalio/auto-setup:1.28.0', env: [{ name: 'DB', value: 'postgresql' }] })]),
    1,
  ],
  ['DB of another', release({}, [pod({ image: 'acme/web:1', env: [{ name: 'DB', value: 'postgresql' }] })]), 0],
])('a plugin of Temporal: %s', (_, written, count) => expect(oldPlugins(written)).toHaveLength(count))

const CNPG = 'postgresql.cnpg.io/v1'
const cluster = (spec: object = {}): KubeObject =>
  object(CNPG, 'Cluster', 'pg', { spec: { instances: 1, bootstrap: { initdb: { database: 'app' } }, ...spec } })
const reading = { 'db.host': 'pg-rw.shop.svc', 'db.database': 'seen' }
const job = object('batch/v1', 'Job', 'init', {
  spec: { template: { spec: { containers: [{ name: 'a', command: ['psql', '-c', 'CREATE DATABASE seen'] }] } } },
})
const named = (name: string, of = 'pg'): KubeObject =>
  object(CNPG, 'Database', 'd', { spec: { name, cluster: { name: of }, owner: 'app' } })

test.each<[string, WrittenRelease, number]>([
  ['nobody makes it', release(reading, [cluster()]), 1],
  ['initdb does', release({ ...reading, 'db.database': 'app' }, [cluster()]), 0],
  ['a Database does', release(reading, [cluster(), named('seen')]), 0],
  ['a Database of another Cluster', release(reading, [cluster(), named('seen', 'other')]), 1],
  ['a Job of somebody who may not', release(reading, [cluster(), job]), 1],
  ['a Job of the superuser', release(reading, [cluster({ enableSuperuserAccess: true }), job]), 0],
  [
    'a Job of a role that may',
    release(reading, [cluster({ managed: { roles: [{ name: 'app', createdb: true }] } }), job]),
    0,
  ],
  [
    'SQL of initdb',
    release(reading, [cluster({ bootstrap: { initdb: { postInitSQL: ['CREATE DATABASE seen OWNER app'] } } })]),
    0,
  ],
  ['a copy of another Cluster', release(reading, [cluster({ bootstrap: { recovery: { source: 'a' } } })]), 0],
  ['it is elsewhere', release({ ...reading, 'db.host': 'db.example.test' }, [cluster()]), 0],
  [
    'pods name it',
    release({}, [
      cluster(),
      pod({
        env: [
          { name: 'PGHOST', value: 'x' },
          { name: 'DB_HOST', value: 'pg-rw' },
          { name: 'DB_NAME', value: 'seen' },
        ],
      }),
    ]),
    1,
  ],
])('a database: %s', (_, written, count) => expect(unmadeDatabases([written])).toHaveLength(count))

test.each<[string, object, number]>([
  ['well', {}, 0],
  ['without instances', { instances: 0 }, 1],
  ['with a monitor', { monitoring: { enablePodMonitor: true } }, 0],
  ['with a field that is none', { monitoring: { enabled: false } }, 1],
])('a Cluster %s', (_, spec, count) => {
  expect(clusterMistakes([{ object: cluster(spec) }], 'prod')).toHaveLength(count)
})

const helmRelease = (version: string | undefined, kind = 'HelmRepository'): KubeObject =>
  object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'r', {
    spec: { chart: { spec: { chart: 'c', version, sourceRef: { kind, name: 's' } } } },
  })

test.each<[string, KubeObject, number]>([
  ['1.2.3', helmRelease('1.2.3'), 0],
  ['v1.2.3-rc.1+2', helmRelease('v1.2.3-rc.1+2'), 0],
  ['1.x', helmRelease('1.x'), 1],
  ['*', helmRelease('*'), 1],
  ['^1.2.3', helmRelease('^1.2.3'), 1],
  ['none', helmRelease(undefined), 1],
  ['of a Git repository', helmRelease(undefined, 'GitRepository'), 0],
  [
    'of an Application',
    object('argoproj.io/v1alpha1', 'Application', 'a', {
      spec: { sources: [{ chart: 'c', targetRevision: '>=1' }, { path: 'x' }] },
    }),
    1,
  ],
])('a chart in version %s', (_, one, count) => expect(floatingCharts([{ object: one }])).toHaveLength(count))

test.each<[string, KubeObject, number]>([
  ['latest', cluster({ imageName: 'ghcr.io/a/b:latest' }), 1],
  ['a tag', cluster({ imageName: 'ghcr.io/a/b:17.2' }), 0],
  ['a digest', cluster({ imageName: `ghcr.io/a/b:latest@sha256:${'a'.repeat(64)}` }), 0],
  [
    'of a HelmRelease',
    object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'r', { spec: { values: { image: { tag: 'latest' } } } }),
    1,
  ],
  ['of a pod, which others look at', pod({ image: 'a/b:latest' }), 0],
])('an image: %s', (_, one, count) => expect(floatingImages([{ object: one }])).toHaveLength(count))
