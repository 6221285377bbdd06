import { describe, expect, test } from '@jest/globals'
import type { JournalVerdict } from '../../src/domain/journal/model.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { gatherEvidence, type EvidencePorts, type EvidenceRequest } from '../../src/flows/state/evidence.ts'
import { object, pod } from '../support/failing-pods.ts'
import { FakeApi } from '../support/fake-api.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { forge } from '../../src/hint.ts'

const never = new AbortController().signal
const verdict: JournalVerdict = {
  code: 'E_CRASH_LOOP',
  message: 'app cannot start',
  chain: ['Deployment/app', 'Pod/app-1'],
  where: '.env:14',
  hint: forge('history', '43'),
  log: ['boom hunter2'],
}
const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'prod', name: 'app' }

const objects = [
  object('Deployment', 'app', undefined, { spec: { replicas: 1 } }),
  object('ReplicaSet', 'app-new', 'app', { spec: { replicas: 1 } }),
  object('ReplicaSet', 'app-retired', 'app', { spec: { replicas: 0 }, status: { replicas: 0 } }),
  pod('app-old-1', 'app-new', { app: {} }, true),
  pod('app-1', 'app-new', {
    sidecar: { state: { waiting: {} } },
    app: { restarts: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, last: { exitCode: 1 } },
  }),
  object('Deployment', 'other', undefined),
  object('PersistentVolumeClaim', 'data', undefined),
  object('PersistentVolumeClaim', 'unused', undefined),
]

class Scene implements Pick<EvidencePorts, 'store' | 'logs'> {
  readonly api = new FakeApi()
  readonly clock = new FakeClock()
  readonly redactor = new Redactor()
  readonly files = new Map<string, string>()
  readonly asked: string[] = []
  answer: (
    pod: string,
    container: string,
    previous: boolean,
    signal: AbortSignal,
  ) => Promise<readonly string[] | undefined>
  full = false

  constructor() {
    this.redactor.add('hunter2')
    this.answer = async (name, container, previous) =>
      await Promise.resolve([`${name} ${container} ${previous ? 'before' : 'now'}`, 'password is hunter2'])
  }

  readonly store: EvidencePorts['store'] = {
    open: async ({ project, environment, deploy }) => {
      if (this.full) throw new Error('no space left on device')
      return await Promise.resolve({
        path: `/state/${project}/${environment}/${deploy}`,
        write: async (name, content) => await Promise.resolve(void this.files.set(name, content)),
      })
    },
  }

  readonly logs: EvidencePorts['logs'] = {
    tail: async ({ name, container }, { lines, previous }, signal) => {
      this.asked.push(`${name}.${container}${previous === true ? '.previous' : ''}:${lines}`)
      return await this.answer(name, container, previous === true, signal)
    },
  }

  async gather(request: Partial<EvidenceRequest> = {}): ReturnType<typeof gatherEvidence> {
    const whole: EvidenceRequest = {
      project: 'api-forge',
      environment: 'prod',
      namespace: 'prod',
      deploy: 43,
      failing: [ref],
      verdict,
      next: 'forge history 43',
      manifests: [{ release: 'api-forge', text: 'kind: ConfigMap' }],
      objects,
      ...request,
    }
    return await gatherEvidence(
      { cluster: this.api, logs: this.logs, store: this.store, clock: this.clock, redactor: this.redactor },
      whole,
      never,
    )
  }
}

describe('evidence', () => {
  test('the failing workload, what it owns, its logs, events, manifest and verdict; of others nothing', async () => {
    const scene = new Scene()
    const evidence = await scene.gather()
    expect([...scene.files.keys()].sort()).toEqual([
      'events.txt',
      'index.txt',
      'logs/app-1.app.log',
      'logs/app-1.app.previous.log',
      'manifests/api-forge.yaml',
      'objects/deployment-app.yaml',
      'objects/persistentvolumeclaim-data.yaml',
      'objects/pod-app-1.yaml',
      'objects/replicaset-app-new.yaml',
      'verdict.txt',
    ])
    expect(evidence).toEqual({ path: '/state/api-forge/prod/43', files: 10, missing: 0 })
    expect(scene.asked).toEqual(['app-1.app:500', 'app-1.app.previous:500'])
    expect(scene.clock.pending).toBe(0)
  })

  test('no secret value and no managedFields in any file', async () => {
    const scene = new Scene()
    await scene.gather({ manifests: [{ release: 'api-forge', text: 'kind: ConfigMap\ndata: { a: hunter2 }' }] })
    const all = [...scene.files.values()].join('\n')
    expect(all).not.toContain('hunter2')
    expect(all).not.toContain('managedFields')
    expect(scene.files.get('logs/app-1.app.log')).toBe('app-1 app now\npassword is •••\n')
  })

  test('the index says what is there, what is not, and why', async () => {
    const scene = new Scene()
    scene.answer = async (_pod, _container, previous) =>
      await (previous ? Promise.reject(new Error('the container is gone')) : Promise.resolve(undefined))
    const evidence = await scene.gather({ failing: [ref, { ...ref, name: 'ghost' }] })
    expect(evidence).toMatchObject({ missing: 2, files: 8 })
    const index = scene.files.get('index.txt') ?? ''
    expect(index).toContain('api-forge, environment prod, deploy #43: app cannot start')
    expect(index).toContain('objects/pod-app-1.yaml                   Pod/app-1')
    expect(index).toContain('- log of app-1, app: the container has none')
    expect(index).toContain('- log of app-1, app, the run before: the container is gone')
    expect(index).toContain('- Deployment/ghost: not seen in the cluster')
    expect(index).toContain('- log of app-1, sidecar: it never started')
  })

  test('is bounded in time: logs that hang are given up after 10 s, the rest is kept', async () => {
    const scene = new Scene()
    scene.answer = async () => await new Promise<never>(() => undefined)
    const gathered = scene.gather()
    await scene.clock.advance(9_999)
    expect(scene.files.has('index.txt')).toBe(false)
    await scene.clock.advance(1)
    expect(await gathered).toMatchObject({ files: 8, missing: 2 })
    expect(scene.files.get('index.txt')).toContain('- log of app-1, app: no answer within 10 s')
    expect(scene.clock.pending).toBe(0)
  })

  test('is bounded in size: 50 files, the most relevant first', async () => {
    const scene = new Scene()
    const many = Array.from({ length: 60 }, (_, n) => pod(`app-${n}`, 'app-new', { app: {} }))
    const evidence = await scene.gather({ objects: [...objects.slice(0, 2), ...many] })
    expect(evidence.files).toBe(50)
    expect(scene.files.size).toBe(50)
    expect(scene.files.has('manifests/api-forge.yaml')).toBe(true)
    expect(scene.files.get('index.txt')).toContain('left out, 50 files are enough')
  })

  test('without a snapshot it reads what it needs', async () => {
    const scene = new Scene()
    for (const one of objects) scene.api.put(one)
    await gatherEvidence(
      { cluster: scene.api, logs: scene.logs, store: scene.store, clock: scene.clock, redactor: scene.redactor },
      {
        project: 'a',
        environment: 'b',
        namespace: 'prod',
        deploy: 1,
        failing: [ref],
        verdict,
        next: 'x',
        manifests: [],
      },
      never,
    )
    expect([...scene.files.keys()]).toContain('objects/deployment-app.yaml')
    expect(scene.api.requests).toEqual([
      'list Pod',
      'list ReplicaSet',
      'list PersistentVolumeClaim',
      'list Deployment',
      'list Event',
    ])
  })

  test('never stands in the way of a rollback', async () => {
    const scene = new Scene()
    scene.full = true
    expect(await scene.gather()).toEqual({ path: undefined, files: 0, missing: 0, why: expect.stringMatching(/./u) })
  })
})
