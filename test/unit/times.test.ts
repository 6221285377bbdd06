import { describe, expect, test } from '@jest/globals'
import { ENTRY_LIMIT } from '../../src/domain/journal/record.ts'
import { smallerForms } from '../../src/domain/journal/entry.ts'
import { writeEntry } from '../../src/domain/journal/format/format.ts'
import type { JournalTimes } from '../../src/domain/journal/times.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { PodTimes } from '../../src/domain/times/pod-times.ts'
import { timesOf, WorkloadTimes } from '../../src/domain/times/workload-times.ts'
import { plannedChanges } from '../../src/screen/planned-changes.ts'
import { entry, entryIn } from '../support/journal-entry.ts'

const BEGIN = Date.parse('2026-11-28T12:00:00Z')
const at = (seconds: number): string => new Date(BEGIN + seconds * 1000).toISOString()
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name: 'web' }

class Scene {
  readonly pods = new PodTimes()
  readonly workloads = new WorkloadTimes()

  hear(seconds: number, object: KubeObject, type: 'set' | 'gone' = 'set', isFirst = false): void {
    this.pods.hear([{ type, object }], BEGIN + seconds * 1000, isFirst)
  }

  told(mask: (text: string) => string = (text) => text, targets = [deployment]): JournalTimes | undefined {
    const steps = [{ name: 'upgrade', outcome: 'done' as const, startedAt: at(0), seconds: 1 }]
    const stages = [{ name: 'apps', timeoutMs: 1, targets }]
    return timesOf({ steps, stages, namespace: 'n', pods: this.pods, workloads: this.workloads, mask })
  }

  get web() {
    return this.told()?.workloads[0]
  }
}

function owned(kind: string, name: string, owner: string, more: object = {}): KubeObject {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'X', name: owner, uid: owner, controller: true }]
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'n', uid: name, ownerReferences }, ...more }
}

function stack(scene: Scene): void {
  scene.hear(0, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'n', uid: 'web' } })
  scene.hear(0, owned('ReplicaSet', 'web-1', 'web'))
}

interface Stand {
  readonly node?: string
  readonly init?: boolean
  readonly state?: object
  readonly ready?: boolean
  readonly restartCount?: number
  readonly unscheduled?: string
}

function pod(name: string, { node, init, state, ready, restartCount = 0, unscheduled }: Stand = {}): KubeObject {
  const conditions = [
    ...(unscheduled === undefined
      ? []
      : [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: unscheduled }]),
    ...(init === true ? [{ type: 'Initialized', status: 'True' }] : []),
    ...(ready === true ? [{ type: 'Ready', status: 'True' }] : []),
  ]
  return owned('Pod', name, 'web-1', {
    spec: {
      nodeName: node,
      containers: [{ name: 'app' }],
      ...(init === undefined ? {} : { initContainers: [{ name: 'wait' }] }),
    },
    status: { conditions, containerStatuses: state === undefined ? [] : [{ name: 'app', restartCount, state }] },
  })
}

const RUNS = { running: { startedAt: at(0) } }

describe('when a pod', () => {
  test('is scheduled, initialised, has its images and is ready is when that is seen first', () => {
    const scene = new Scene()
    stack(scene)
    scene.hear(1, pod('web-1-a'))
    scene.hear(2, pod('web-1-a', { node: 'node-1', init: false }))
    scene.hear(3, pod('web-1-a', { node: 'node-1', init: true }))
    scene.hear(4, pod('web-1-a', { node: 'node-1', init: true, state: RUNS }))
    scene.hear(6, pod('web-1-a', { node: 'node-1', init: true, state: RUNS, ready: true }))
    scene.hear(9, pod('web-1-a', { node: 'node-1', init: true, state: RUNS, ready: true }))
    expect(scene.web?.pods).toEqual([
      {
        ...{ name: 'web-1-a', node: 'node-1', createdAt: at(1), scheduledAt: at(2), initializedAt: at(3) },
        ...{ startedAt: at(4), readyAt: at(6) },
      },
    ])
  })

  test('has no init container, nothing is said of them', () => {
    const scene = new Scene()
    stack(scene)
    scene.hear(1, pod('a', { node: 'n', state: RUNS, ready: true }))
    expect(scene.web?.pods[0]).toEqual({
      name: 'a',
      node: 'n',
      createdAt: at(1),
      scheduledAt: at(1),
      startedAt: at(1),
      readyAt: at(1),
    })
  })

  test('was there before it is not told, and one that a second watch lists first is', () => {
    const scene = new Scene()
    stack(scene)
    scene.hear(0, pod('old'), 'set', true)
    scene.hear(1, pod('old', { node: 'n' }))
    scene.hear(2, pod('new'), 'set', true)
    expect(scene.web?.pods.map(({ name }) => name)).toEqual(['new'])
  })

  test('fails, each reason is told once, where it happened', () => {
    const scene = new Scene()
    stack(scene)
    const crash = (exitCode: number, reason: string): object => ({ terminated: { exitCode, reason } })
    scene.hear(1, pod('a', { unscheduled: '0/3 nodes are available' }))
    scene.hear(2, pod('a', { node: 'n', state: crash(1, 'Error') }))
    scene.hear(
      3,
      pod('a', { node: 'n', state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }, restartCount: 1 }),
    )
    scene.hear(4, pod('a', { node: 'n', state: crash(1, 'Error'), restartCount: 2 }))
    scene.hear(5, pod('a'), 'gone')
    expect(scene.web?.pods[0]).toMatchObject({
      restarts: 2,
      goneAt: at(5),
      troubles: [
        { at: at(1), reason: 'Unschedulable', message: '0/3 nodes are available' },
        { at: at(2), container: 'app', reason: 'Error', message: 'status 1' },
        { at: at(3), container: 'app', reason: 'CrashLoopBackOff', message: 'back-off' },
      ],
    })
    expect(scene.web?.pods[0]).not.toHaveProperty('readyAt')
  })
})

describe('of many pods', () => {
  test('the first, the slowest and three that failed are told, and how many more there were', () => {
    const scene = new Scene()
    stack(scene)
    for (let number = 0; number < 100; number += 1) {
      scene.hear(number, pod(`p${number}`))
      if (number % 10 === 9) scene.hear(number, pod(`p${number}`, { state: { waiting: { reason: 'ErrImagePull' } } }))
      else scene.hear(number === 50 ? 500 : number + 1, pod(`p${number}`, { node: 'n', state: RUNS, ready: true }))
    }
    expect(scene.web?.pods.map(({ name }) => name)).toEqual(['p0', 'p9', 'p19', 'p29', 'p50'])
    expect(scene.web?.morePods).toBe(95)
  })

  test('and many workloads those that failed come first, and the entry stays small', () => {
    const scene = new Scene()
    const targets = Array.from({ length: 500 }, (_, number) => ({ ...deployment, name: `w${number}` }))
    for (const { name } of targets) {
      scene.hear(0, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'n', uid: name } })
      for (let number = 0; number < 20; number += 1) {
        const own = { ...pod(`${name}-${number}`, { unscheduled: 'x'.repeat(5000) }) }
        scene.hear(1, {
          ...own,
          metadata: {
            ...own.metadata,
            ownerReferences: [{ apiVersion: 'v1', kind: 'X', name, uid: name, controller: true }],
          },
        })
      }
    }
    scene.workloads.hear({ ref: { ...deployment, name: 'w444' }, state: 'failed', text: 'it fails' }, BEGIN, false)
    const told = scene.told((text) => text, targets)
    expect(told?.workloads).toHaveLength(60)
    expect(told?.workloads.map(({ name }) => name)).toContain('w444')
    expect(told?.more).toBe(440)
    expect(writeEntry(entry(1, 'failed', told === undefined ? {} : { times: told })).length).toBeLessThan(
      ENTRY_LIMIT / 10,
    )
  })
})

test('a workload that is ready, fails, and is back is told with each time', () => {
  const { workloads } = new Scene()
  const hear = (seconds: number, state: 'ready' | 'progressing' | 'failed', isBack = false): void =>
    workloads.hear({ ref: deployment, state, text: '0/1 ready' }, BEGIN + seconds * 1000, isBack)
  hear(1, 'ready')
  hear(2, 'progressing')
  hear(3, 'failed')
  hear(4, 'failed')
  hear(5, 'progressing', true)
  hear(6, 'ready', true)
  expect(workloads.of(deployment)).toMatchObject({ failedAt: BEGIN + 3000, backAt: BEGIN + 6000 })
  expect(workloads.of(deployment)?.readyAt).toBeUndefined()
})

describe('secrets', () => {
  const SECRET = 'tops3cret-value-of-a-token'

  test('are masked in what pods say before it is cut', () => {
    const scene = new Scene()
    const redactor = new Redactor()
    redactor.add(SECRET)
    stack(scene)
    scene.hear(1, pod('a', { unscheduled: `${'x'.repeat(185)}${SECRET}` }))
    const told = JSON.stringify(scene.told((text) => redactor.text(text)))
    expect(told).not.toContain(SECRET.slice(0, 8))
  })
})

describe('the entry', () => {
  const times: JournalTimes = {
    steps: [{ name: 'web', outcome: 'failed', startedAt: at(0), seconds: 3.2, isStage: true }],
    workloads: [
      {
        ...{
          stage: 'web',
          kind: 'Deployment',
          name: 'web',
          namespace: 'edge',
          failedAt: at(2),
          backAt: at(9),
          reason: 'x',
        },
        pods: [
          {
            ...{ name: 'a', node: 'n', createdAt: at(1), scheduledAt: at(1), initializedAt: at(1), startedAt: at(1) },
            ...{ readyAt: at(2), goneAt: at(3), restarts: 2 },
            troubles: [{ at: at(1), container: 'app', reason: 'Error', message: 'status 1' }],
          },
        ],
        morePods: 4,
      },
    ],
    more: 3,
  }
  const full = entry(3, 'restored', { times, evidence: '/var/evidence/3', planned: plannedChanges([], [], String) })

  test('is read again as it was stored', () => {
    expect(entryIn(writeEntry(full))).toEqual(full)
  })

  test('gives up what only a reader wants before anything else', () => {
    const [brief, ...others] = smallerForms(full)
    expect(brief).toMatchObject({ evidence: '/var/evidence/3', times: { steps: times.steps, workloads: [], more: 4 } })
    expect(brief).not.toHaveProperty('planned')
    expect(brief).not.toHaveProperty('omitted')
    expect(others.map(({ omitted }) => omitted)).toEqual([['log'], ['values', 'log']])
  })

  test('of a forge that does not know times keeps them as they were', () => {
    const written = JSON.parse(writeEntry(full)) as Record<string, unknown>
    const later = { ...written, times: { ...(written['times'] as object), clock: 'node' } }
    const read = entryIn(JSON.stringify(later))
    expect(read === undefined ? undefined : JSON.parse(writeEntry(read))).toEqual(later)
  })
})
