import { describe, expect, test } from '@jest/globals'
import type { Stage } from '../../src/domain/config/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { planStages } from '../../src/domain/stages/stages.ts'

const at = { file: 'forge.yaml', line: 9, column: 3 }
const stage = (name: string, wait: string[], optional: string[] = []): Stage => ({
  name,
  wait,
  optional,
  timeoutMs: 60_000,
  at,
})
const object = (kind: string, name: string, labels = {}): KubeObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'n', labels },
})

const OBJECTS = [
  object('Deployment', 'postgres'),
  object('Deployment', 'app'),
  object('Job', 'schema-1f3c', { 'app.kubernetes.io/name': 'schema' }),
  object('Service', 'app'),
]

const names = (stages: readonly Stage[]): string[] =>
  planStages({ stages, file: '/p/forge.yaml' }, OBJECTS).map(
    ({ name, targets }) => `${name}: ${targets.map((target) => target.label ?? target.name).join(' ')}`,
  )

describe('what each stage waits for', () => {
  test('is what it names, Jobs by their label', () => {
    expect(
      names([
        stage('databases', ['Deployment/postgres']),
        stage('schema', [], ['Job/schema']),
        stage('app', ['Deployment/app']),
      ]),
    ).toEqual(['databases: postgres', 'schema: schema', 'app: app'])
  })

  test('leaves out optional ones that no chart renders', () => {
    expect(
      names([
        stage('databases', ['Deployment/postgres'], ['Deployment/redis']),
        stage('app', ['Deployment/app'], ['Job/schema']),
      ]),
    ).toEqual(['databases: postgres', 'app: app schema'])
  })

  test('is proven in the last stage when no stage names it', () => {
    expect(names([stage('databases', ['Deployment/postgres']), stage('app', ['Deployment/app'])])).toEqual([
      'databases: postgres',
      'app: app schema',
    ])
  })

  test('is every workload without stages', () => {
    expect(names([])).toEqual(['workloads: postgres app schema'])
  })

  test('must be rendered; the nearest name is told', () => {
    expect(() => names([stage('databases', ['Deployment/postgre'])])).toThrow(
      expect.objectContaining({
        code: 'E_STAGE_TARGET',
        message:
          'stage databases waits for Deployment/postgre, which no chart renders; the nearest is Deployment/postgres',
      }),
    )
  })
})

test('without stages there is one, whose limit is that of --timeout', () => {
  const limits = (project: object): number[] =>
    planStages({ stages: [], file: '/p/forge.yaml', ...project }, OBJECTS).map(({ timeoutMs }) => timeoutMs)
  expect([limits({}), limits({ limitMs: 5_000 })]).toEqual([[300_000], [5_000]])
})
