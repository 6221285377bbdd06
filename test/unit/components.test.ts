import { describe, expect, test } from '@jest/globals'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { podsOfObject } from '../../src/domain/logs/component.ts'
import { checkComponent, type RenderedNames } from '../../src/domain/names/objects.ts'
import { planStages } from '../../src/domain/stages/stages.ts'
import { namesOf } from '../../src/domain/completion/names.ts'

const object = (apiVersion: string, kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  ...more,
})
const pod = (name: string, labels: Readonly<Record<string, string>>, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels, ...more },
})

const postgres = object('postgresql.cnpg.io/v1', 'Cluster', 'temporal-postgres')
const web = object('apps/v1', 'Deployment', 'temporal-web', { spec: { selector: { matchLabels: { app: 'web' } } } })

const TEXT = `version: 1
project: shop
environments:
  dev: {}
  eu: { components: { postgres: Cluster/eu-postgres, web: null } }
releases: { shop: { chart: ./chart } }
components:
  postgres: Cluster/temporal-postgres
  web: Deployment/temporal-web
`
const componentsOf = (environment: string) =>
  resolveProject(parseConfig(TEXT), environment, { file: '/p/forge.yaml', dir: '/p' }).components

describe('components', () => {
  test('an environment overrides them one by one', () => {
    expect(componentsOf('dev').map(({ name, target, at }) => [name, target, at.line])).toEqual([
      ['postgres', 'Cluster/temporal-postgres', 8],
      ['web', 'Deployment/temporal-web', 9],
    ])
    expect(componentsOf('eu').map(({ name, target }) => [name, target])).toEqual([['postgres', 'Cluster/eu-postgres']])
  })

  test('stages call an object as people do', () => {
    const project = { stages: [], file: '', components: componentsOf('dev') }
    const other = object('apps/v1', 'Deployment', 'worker')
    const [stage] = planStages(project, [postgres, web, other])
    expect(stage?.targets.map(({ name, label }) => [name, label])).toEqual([
      ['temporal-postgres', 'postgres'],
      ['temporal-web', 'web'],
      ['worker', undefined],
    ])
  })

  test('what no chart renders is said where it stands, with what is near', () => {
    const names: RenderedNames = { objects: [web], isOff: () => false, complete: true, closed: false }
    const [missing, there] = componentsOf('dev').map((one) => checkComponent(one, names))
    expect(there).toEqual({ problems: [], warnings: [] })
    expect(missing?.problems).toMatchObject([
      { message: 'components.postgres is Cluster/temporal-postgres, which no chart renders', at: { line: 8 } },
    ])
    const near = { ...names, objects: [object('postgresql.cnpg.io/v1', 'Cluster', 'temporal-postgre')] }
    expect(componentsOf('dev').map((one) => checkComponent(one, near))[0]?.problems[0]?.message).toContain(
      'did you mean "Cluster/temporal-postgre"?',
    )
    expect(componentsOf('dev').flatMap((one) => checkComponent(one, { ...names, complete: false }).problems)).toEqual(
      [],
    )
  })

  test('logs finds the pods of a CloudNativePG cluster by the name that people use', () => {
    const own = pod('temporal-postgres-1', { 'cnpg.io/cluster': 'temporal-postgres' })
    const other = pod('other-1', { 'cnpg.io/cluster': 'other', app: 'web' })
    expect([own, other].map(podsOfObject(postgres))).toEqual([true, false])
    expect([own, other].map(podsOfObject(web))).toEqual([false, true])
    expect(podsOfObject(web)({ ...other, metadata: { ...other.metadata, namespace: 'elsewhere' } })).toBe(false)
  })

  test.each([
    ['a Job', object('batch/v1', 'Job', 'schema'), pod('schema-x', { 'batch.kubernetes.io/job-name': 'schema' })],
    [
      'a kind that is not known',
      object('x.io/v1', 'Thing', 'a'),
      pod('a-0', {}, { ownerReferences: [{ apiVersion: 'x.io/v1', kind: 'Thing', name: 'a', uid: '1' }] }),
    ],
    [
      'a ReplicationController',
      object('v1', 'ReplicationController', 'rc', { spec: { selector: { app: 'rc' } } }),
      pod('rc-x', { app: 'rc' }),
    ],
  ])('the pods of %s', (_, owner, own) => {
    expect(podsOfObject(owner)(own)).toBe(true)
    expect(podsOfObject(owner)(pod('other', { app: 'other' }))).toBe(false)
  })

  test('completion offers them', () => {
    expect(namesOf(TEXT).awaited).toEqual(['postgres', 'web'])
  })
})
