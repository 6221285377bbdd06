import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { workloadText } from '../../src/screen/stage.ts'
import { CUSTOM, NAMESPACE, custom, set } from './readiness-objects.ts'
import { Deploy, installed } from './readiness-scene.ts'

const yes = (type: string, more = {}): object => ({ type, status: 'True', ...more })
const no = (type: string, more = {}): object => ({ type, status: 'False', ...more })

describe('what a resource of another controller says', () => {
  test.each<[string, unknown, string]>([
    // Crossplane: a managed resource whose external one exists, but is not as wanted.
    [
      'ready, not synced',
      { conditions: [yes('Ready'), no('Synced', { reason: 'ReconcileError', message: 'cannot update: denied' })] },
      'progressing cannot update: denied',
    ],
    ['synced, not ready', { conditions: [yes('Synced'), no('Ready', { reason: 'Creating' })] }, 'progressing Creating'],
    ['synced and ready', { conditions: [yes('Synced'), yes('Ready', { reason: 'Available' })] }, 'ready Available'],
    // Sealed Secrets.
    [
      'not synced, nothing else',
      { conditions: [no('Synced', { message: 'no key could decrypt secret' })] },
      'progressing no key could decrypt secret',
    ],
    // Gateway API: what its CRDs put there before any controller looks.
    [
      'a new Gateway',
      { conditions: [{ type: 'Accepted', status: 'Unknown', reason: 'Pending' }] },
      'progressing Pending',
    ],
    ['accepted, not programmed', { conditions: [yes('Accepted'), no('Programmed')] }, 'progressing not programmed'],
    ['programmed', { conditions: [yes('Accepted'), yes('Programmed')] }, 'ready accepted'],
    [
      'a listener without its certificate',
      {
        conditions: [yes('Accepted'), yes('Programmed')],
        listeners: [
          { name: 'http', conditions: [yes('Programmed')] },
          { name: 'https', conditions: [no('ResolvedRefs', { reason: 'InvalidCertificateRef' })] },
        ],
      },
      'progressing listener https: InvalidCertificateRef',
    ],
    [
      'a route whose parent does not take it',
      {
        parents: [{ parentRef: { name: 'public' }, conditions: [no('Accepted', { reason: 'NotAllowedByListeners' })] }],
      },
      'progressing parent public: NotAllowedByListeners',
    ],
    [
      'a route whose parent takes it',
      { parents: [{ parentRef: { name: 'public' }, conditions: [yes('Accepted'), yes('ResolvedRefs')] }] },
      'ready accepted',
    ],
    ['a route that no controller has seen', { parents: [] }, 'progressing no status yet'],
    [
      'a parent that a route was taken from',
      {
        parents: [
          { parentRef: { name: 'old' }, conditions: [no('Accepted', { observedGeneration: 0 })] },
          { parentRef: { name: 'new' }, conditions: [yes('Accepted', { observedGeneration: 1 })] },
        ],
      },
      'ready accepted',
    ],
    // Argo Rollouts: available by its old pods.
    ['available, not healthy', { conditions: [yes('Available'), no('Healthy')] }, 'progressing not healthy'],
    [
      'an older spec, counted in text',
      { observedGeneration: '0', conditions: [yes('Healthy')] },
      'progressing spec not observed yet',
    ],
    // cert-manager: the certificate before is still good.
    ['being issued anew', { conditions: [yes('Ready'), yes('Issuing')] }, 'progressing issuing'],
    [
      'degraded',
      { conditions: [yes('Available'), yes('Degraded', { reason: 'QuorumLost' })] },
      'progressing QuorumLost',
    ],
    [
      'conditions that tell nothing of it',
      { conditions: [no('MemoryPressure'), yes('Indexed')] },
      'ready does not say whether it is ready (MemoryPressure False, Indexed True)',
    ],
    ['one word instead of conditions', { phase: 'Provisioning' }, 'progressing Provisioning'],
    ['another one', { state: 'ready' }, 'ready ready'],
    ['a word of one operator', { PostgresClusterStatus: 'CreateFailed' }, 'progressing CreateFailed'],
    ['no conditions, no word', { nodes: 3 }, 'ready reports no conditions'],
    ['a boolean', { conditions: [{ type: 'Ready', status: false }] }, 'progressing not ready'],
    ['a map by type', { conditions: { Ready: { status: 'False', reason: 'Later' } } }, 'progressing Later'],
    ['a map of bare answers', { conditions: { Ready: 'True' } }, 'ready ready'],
    ['conditions that are none', { conditions: 'all fine' }, 'ready reports no conditions'],
    ['a text', 'Running', 'ready reports no conditions'],
    ['null', null, 'progressing no status yet'],
  ])('%s', (_, status, says) => expect(installed([CUSTOM], set(custom({ status }))).says(CUSTOM)).toBe(says))
})

describe('a status from before the spec was changed', () => {
  const READY = { conditions: [yes('Ready')] }
  const changed = (before: unknown, after: unknown = before): Deploy =>
    new Deploy([CUSTOM])
      .see(set(custom({ status: before }, 1)), 0)
      .begin()
      .see(set(custom({ status: after }, 2)), 1_000)
      .helmExits()
  const SILENT = 'its controller has written no status since its spec changed'

  test('proves nothing, whoever wrote it; after a while it is taken as it is, and that is said', () => {
    const deploy = changed(READY)
    expect(deploy.says(CUSTOM)).toBe(`progressing ${SILENT}`)
    expect(deploy.judge.nextDeadline(1_000)).toBe(31_000)
    expect(deploy.says(CUSTOM, 30_999)).toBe(`progressing ${SILENT}`)
    expect(deploy.verdict(CUSTOM, 31_000)).toEqual({ state: 'ready', detail: 'ready', remark: SILENT })
    expect(workloadText(deploy.judge.standing(CUSTOM, 31_000))).toBe(`db 1/1 (${SILENT})`)
  })

  test('counts as soon as it is written again', () => {
    const deploy = changed(READY).see(set(custom({ status: { conditions: [no('Ready')] } }, 2)), 2_000)
    expect(deploy.says(CUSTOM)).toBe('progressing not ready')
    // The very words that were there before, but new ones.
    expect(deploy.see(set(custom({ status: READY }, 2)), 3_000).says(CUSTOM)).toBe('ready ready')
  })

  test('counts where it is written with the spec: a kind without the subresource', () => {
    expect(changed(READY, { conditions: [yes('Ready', { message: 'new' })] }).says(CUSTOM)).toBe('ready new')
  })

  test('does not hold back what was made, or left as it was', () => {
    expect(installed([CUSTOM], set(custom({ status: READY }))).says(CUSTOM)).toBe('ready ready')
    const same = set(custom({ status: READY }, 4))
    expect(new Deploy([CUSTOM]).see(same).begin().see(same).helmExits().says(CUSTOM)).toBe('ready ready')
  })

  test('is not awaited of a kind that never had one', () => {
    const bare = (generation: number): KubeObject => custom({ spec: {} }, generation)
    const deploy = new Deploy([CUSTOM])
      .see(set(bare(1)), 0)
      .begin()
      .see(set(bare(2)), 0)
      .helmExits()
    expect(deploy.says(CUSTOM)).toBe('ready reports no conditions')
  })

  test('has given nothing up for the new one', () => {
    const deploy = changed({ conditions: [yes('Stalled')] })
    expect(deploy.says(CUSTOM)).toBe(`progressing ${SILENT}`)
    deploy.see(set(custom({ status: { conditions: [yes('Stalled', { reason: 'Again' })] } }, 2)))
    expect(deploy.says(CUSTOM)).toBe('failed E_RESOURCE_STALLED')
  })

  // cert-manager, the Prometheus operator and the Gateway API say it per condition.
  test.each<[string, object, string]>([
    [
      'an older condition',
      { conditions: [yes('Ready', { observedGeneration: 1 })] },
      'progressing spec not observed yet',
    ],
    ['a newer one', { conditions: [yes('Ready', { observedGeneration: 2 })] }, 'ready ready'],
    [
      'one of two is older',
      { conditions: [yes('Accepted', { observedGeneration: 2 }), yes('Programmed', { observedGeneration: 1 })] },
      'progressing spec not observed yet',
    ],
    [
      'the status is newer, its condition is not',
      { observedGeneration: 2, conditions: [yes('Ready', { observedGeneration: 1 })] },
      'progressing spec not observed yet',
    ],
    [
      'an older word of having given up',
      { conditions: [yes('Failed', { observedGeneration: 1 })] },
      `progressing ${SILENT}`,
    ],
  ])('by its conditions: %s', (_, status, says) => expect(changed(status).says(CUSTOM)).toBe(says))

  test('a controller that never counts its conditions on holds nothing up for ever', () => {
    const status = { observedGeneration: 2, conditions: [yes('Ready', { observedGeneration: 1 })] }
    expect(changed(status).says(CUSTOM, 31_000)).toBe('ready ready')
  })
})

describe("CloudNativePG's Cluster, which has no observedGeneration", () => {
  const DB: Target = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'db' }
  const cluster = (phase: string, generation: number, metadata = {}, more = {}): KubeObject => ({
    apiVersion: DB.apiVersion,
    kind: DB.kind,
    metadata: { name: 'db', namespace: NAMESPACE, uid: 'db', generation, ...metadata },
    spec: { instances: 3 },
    status: { phase, readyInstances: 3, ...more },
  })
  const HEALTHY = 'Cluster in healthy state'

  test('is not ready by what its operator said of the spec before', () => {
    const deploy = new Deploy([DB]).see(set(cluster(HEALTHY, 1))).begin()
    deploy.see(set(cluster(HEALTHY, 2)), 500).helmExits()
    expect(deploy.says(DB)).toBe('progressing its controller has written no status since its spec changed')
    expect(deploy.see(set(cluster('Upgrading cluster', 2)), 900).says(DB)).toBe('progressing Upgrading cluster')
    expect(deploy.see(set(cluster(HEALTHY, 2)), 9_000).says(DB)).toBe(
      'progressing healthy again, which must last for a moment',
    )
    expect(deploy.says(DB, 12_000)).toBe('ready 3/3')
  })

  test.each<[string, object, object, string]>([
    [
      'left alone by its operator',
      { annotations: { 'cnpg.io/reconciliationLoop': 'disabled' } },
      {},
      'paused left alone by its operator (cnpg.io/reconciliationLoop: disabled)',
    ],
    [
      'asleep, as its operator says',
      { annotations: { 'cnpg.io/hibernation': 'on' } },
      { conditions: [yes('cnpg.io/hibernation')] },
      'paused hibernated (cnpg.io/hibernation)',
    ],
  ])('%s', (_, metadata, more, says) =>
    expect(installed([DB], set(cluster(HEALTHY, 1, metadata, more))).says(DB)).toBe(says),
  )
})
