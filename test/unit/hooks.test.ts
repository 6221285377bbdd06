import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { comingHooks, type HelmOperation } from '../../src/domain/manifest/hooks.ts'
import type { Rendered } from '../../src/domain/manifest/parse.ts'
import { deadlockText, hookDeadlocks } from '../../src/domain/plan/hook-deadlock.ts'
import { planStages } from '../../src/domain/stages/stages.ts'
import { keyOf } from '../../src/domain/kube.ts'

interface Sketch {
  readonly events?: readonly string[]
  readonly weight?: number
  readonly policy?: readonly string[]
}

function rendered(
  kind: string,
  name: string,
  { events, weight = 0, policy = [] }: Sketch = {},
  spec: object = {},
): Rendered {
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'v1'
  const object: KubeObject = { apiVersion, kind, metadata: { name, namespace: 'prod' }, spec }
  const base = { object, template: `chart/${name}.yaml` }
  return events === undefined ? base : { ...base, hook: { events, weight, deletePolicy: policy } }
}

const container = (fields: object): object => ({ template: { spec: { containers: [{ name: 'main', ...fields }] } } })
const migrate = (spec: object, sketch: Sketch = {}): Rendered =>
  rendered('Job', 'migrate', { events: ['pre-install', 'pre-upgrade'], ...sketch }, spec)

const usesMap = container({ envFrom: [{ configMapRef: { name: 'env' } }] })
const mayUseMap = container({ envFrom: [{ configMapRef: { name: 'env', optional: true } }] })
const usesKey = container({ env: [{ valueFrom: { secretKeyRef: { name: 'env', key: 'a' } } }] })
const asAccount = { template: { spec: { serviceAccountName: 'env', containers: [] } } }
const onClaim = {
  template: { spec: { containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'env' } }] } },
}

describe('hooks come in the order of helm', () => {
  test('before and after the release, by weight, what they wait for first; others do not come at all', () => {
    const all = [
      rendered('Job', 'late', { events: ['post-upgrade'] }),
      rendered('Job', 'heavy', { events: ['pre-upgrade'], weight: 5 }),
      rendered('Job', 'light', { events: ['pre-upgrade'], weight: -5 }),
      rendered('ConfigMap', 'also-heavy', { events: ['pre-upgrade'], weight: 5 }),
      rendered('Job', 'install', { events: ['pre-install'] }),
      rendered('Job', 'test', { events: ['test'] }),
      rendered('Job', 'plain'),
    ]
    expect(comingHooks(all, 'upgrade').map(({ object }) => object.metadata.name)).toEqual([
      'light',
      'also-heavy',
      'heavy',
      'late',
    ])
    expect(comingHooks(all, 'install').map(({ object }) => object.metadata.name)).toEqual(['install'])
    expect(comingHooks(all, 'rollback')).toEqual([])
  })
})

describe('a hook that can never end', () => {
  const settings = rendered('ConfigMap', 'env')
  test.each([
    ['needs a ConfigMap of the release', migrate(usesMap), settings, true],
    ['needs a Secret of the release', migrate(usesKey), rendered('Secret', 'env'), true],
    ['runs as a ServiceAccount of the release', migrate(asAccount), rendered('ServiceAccount', 'env'), true],
    ['mounts a claim of the release', migrate(onClaim), rendered('PersistentVolumeClaim', 'env'), true],
    [
      'needs what a later hook makes',
      migrate(usesMap),
      rendered('ConfigMap', 'env', { events: ['pre-install'], weight: 1 }),
      true,
    ],
    ['may do without it', migrate(mayUseMap), settings, false],
    [
      'needs what an earlier hook makes',
      migrate(usesMap),
      rendered('ConfigMap', 'env', { events: ['pre-install'], weight: -1 }),
      false,
    ],
    [
      'needs a hook of the same weight',
      migrate(usesMap),
      rendered('ConfigMap', 'env', { events: ['pre-install'] }),
      false,
    ],
    ['comes after the release', migrate(usesMap, { events: ['post-install'] }), settings, false],
    ['does not come now', migrate(usesMap, { events: ['pre-upgrade'] }), settings, false],
  ])('%s: %#', (_, hook, other, locked) => {
    expect(hookDeadlocks([hook, other], 'install', new Map())).toHaveLength(locked ? 1 : 0)
  })
  test('not where the object is there already', () => {
    expect(
      hookDeadlocks([migrate(usesMap), settings], 'upgrade', new Map([[keyOf(settings.object), settings.object]])),
    ).toEqual([])
  })
  test('is told in one clause', () => {
    const [first] = hookDeadlocks([migrate(usesMap), settings], 'upgrade', new Map())
    expect(first === undefined ? '' : deadlockText(first)).toBe(
      'hook Job/migrate (pre-install, pre-upgrade) needs ConfigMap/env, which helm makes only after it, with the release',
    )
  })
})

describe('a stage that names a hook', () => {
  const at = { file: 'forge.yaml', line: 1, column: 1 }
  const stages = [{ name: 'schema', wait: ['Job/migrate'], optional: [], timeoutMs: 1000, at }]
  const hook = migrate({}, { policy: ['before-hook-creation'] })
  const planned = (operation: HelmOperation): unknown => {
    const hooks = { coming: comingHooks([hook], operation), all: [hook.object] }
    return planStages({ stages, file: 'forge.yaml' }, [], hooks)
  }
  test('waits for it; helm has waited for its end, so once it is gone it is done', () => {
    expect(planned('install')).toMatchObject([
      { name: 'schema', targets: [{ kind: 'Job', name: 'migrate', hook: true, vanishes: true }] },
    ])
  })
  test('waits for nothing where helm does not run it this time', () => {
    expect(planned('rollback')).toMatchObject([{ name: 'schema', targets: [] }])
  })
  test('is a mistake where no chart renders one of that name', () => {
    expect(() => planStages({ stages, file: 'forge.yaml' }, [])).toThrow(
      expect.objectContaining({ code: 'E_STAGE_TARGET' }),
    )
  })
})
