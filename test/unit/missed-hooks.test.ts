import { describe, expect, jest, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { ObjectEvent } from '../../src/domain/readiness/model.ts'
import { createObjectCache } from '../../src/domain/readiness/object-cache.ts'
import type { StageTarget } from '../../src/domain/stages/stages.ts'
import type { JudgedFailure } from '../../src/flows/prove/failure.ts'
import { SILENT_MS, watchForMissedHooks, type MissedHooks } from '../../src/flows/apply/missed-hooks.ts'
import { FakeClock } from '../support/fake-clock.ts'

// Nothing here waits for real time.
jest.setTimeout(5000)

type How = 'running' | 'complete' | 'failed'

const TARGETS = ['migrate', 'seed'].map((name) => ({ apiVersion: 'batch/v1', kind: 'Job', name, namespace: 'shop' }))
const REQUEST = 200
const PING = 39

function job(name: string, how: How): KubeObject {
  const type = { running: undefined, complete: 'Complete', failed: 'Failed' }[how]
  const conditions = type === undefined ? [] : [{ type, status: 'True' }]
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1' },
    spec: { ttlSecondsAfterFinished: 0, template: {} },
    status: { conditions },
  }
}

/** A helm that waits, as forge sees it. */
class Scene {
  readonly clock = new FakeClock()
  readonly cache = createObjectCache()
  readonly asked: (number | undefined)[] = []
  readonly missed: MissedHooks
  readonly #looks: (() => void)[] = []
  cut: JudgedFailure | undefined

  constructor() {
    const follower = {
      cache: this.cache,
      onTouch: <T>(targets: readonly T[], look: (target: T) => void) =>
        this.#looks.push(...targets.map((target) => () => look(target))),
    }
    const project = { environment: { namespace: 'shop', name: 'prod' } }
    this.missed = watchForMissedHooks(
      { targets: TARGETS as StageTarget[], follower, project } as unknown as Parameters<typeof watchForMissedHooks>[0],
      this.clock,
      async (bytes) => {
        this.asked.push(bytes)
        await Promise.resolve()
      },
      (why) => (this.cut = why as JudgedFailure),
    )
  }

  see(type: ObjectEvent['type'], name: string, how: How): void {
    this.cache.apply([{ type, object: job(name, how) }], this.clock.monotonic())
    for (const look of this.#looks) look()
  }

  /** Made, ended, deleted. */
  runs(name: string, how: How): void {
    this.see('set', name, 'running')
    this.see('set', name, how)
    this.see('gone', name, how)
  }

  async sends(bytes: number, after: number): Promise<void> {
    await this.clock.advance(after)
    await this.missed.guard(bytes)
  }
}

describe('a hook that was gone before helm looked', () => {
  test('ends helm once that has been silent for longer than any answer takes', async () => {
    const scene = new Scene()
    scene.runs('migrate', 'complete')
    await scene.clock.advance(SILENT_MS - 1)
    expect(scene.cut).toBeUndefined()
    await scene.clock.advance(1)
    expect(scene.cut).toMatchObject({
      code: 'E_HOOK_MISSED',
      message:
        'helm waits for hook migrate in vain: it has ended well, and was deleted by its ttlSecondsAfterFinished: 0 before helm looked',
    })
  })

  test('is told however often a connection that only listens is kept', async () => {
    const scene = new Scene()
    scene.runs('migrate', 'complete')
    await scene.sends(PING, 30_000)
    await scene.sends(PING, 30_000)
    expect(scene.asked).toEqual([PING, PING])
    await scene.clock.advance(15_000)
    expect(scene.cut?.code).toBe('E_HOOK_MISSED')
  })

  test('is no concern while helm goes on', async () => {
    const scene = new Scene()
    scene.runs('migrate', 'complete')
    for (let request = 0; request < 5; request++) await scene.sends(REQUEST, SILENT_MS - 1000)
    expect(scene.cut).toBeUndefined()
    await scene.clock.advance(SILENT_MS)
    expect(scene.cut?.code).toBe('E_HOOK_MISSED')
  })

  test('is no concern while another hook runs, and is one when that has gone in the same way', async () => {
    const scene = new Scene()
    scene.runs('migrate', 'complete')
    scene.see('set', 'seed', 'running')
    await scene.clock.advance(10 * SILENT_MS)
    expect(scene.cut).toBeUndefined()
    scene.see('set', 'seed', 'complete')
    await scene.clock.advance(SILENT_MS)
    expect(scene.cut?.code).toBe('E_HOOK_MISSED')
  })
})

test.each<[string, (scene: Scene) => void]>([
  ['nothing has run yet', () => undefined],
  ['a hook is there and has ended', (scene) => scene.see('set', 'migrate', 'complete')],
  ['a hook has failed: that is told already', (scene) => scene.runs('migrate', 'failed')],
  [
    'helm has ended',
    (scene) => {
      scene.runs('migrate', 'complete')
      scene.missed.done()
    },
  ],
])('helm is left alone where %s', async (_, act) => {
  const scene = new Scene()
  act(scene)
  await scene.clock.advance(10 * SILENT_MS)
  expect({ cut: scene.cut, pending: scene.clock.pending }).toEqual({ cut: undefined, pending: 0 })
})
