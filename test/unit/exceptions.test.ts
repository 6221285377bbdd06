import { expect, test } from '@jest/globals'
import { Events } from '../../src/domain/events/events.ts'
import { environmentOf, projectOf } from '../../src/domain/journal/project.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { bugOf, ForgeError } from '../../src/errors.ts'
import { again, kubectl } from '../../src/hint.ts'
import { HERE } from '../support/hints.ts'
import { carryOut } from '../../src/flows/deploy/carry-out.ts'
import { NOTHING_PLANNED, type Planned } from '../../src/flows/phases/planned.ts'
import type { Connection, DeployPorts } from '../../src/flows/phases/ports.ts'
import { connected, unknownPast } from '../../src/flows/observe/open.ts'
import { asked } from '../../src/flows/phases/asked.ts'
import { adopting, writing } from '../../src/flows/phases/policy.ts'
import { NO_IMAGES } from '../../src/flows/phases/desired.ts'
import type { ClusterFacts } from '../../src/flows/phases/observed.ts'
import type { Charts } from '../../src/ports.ts'
import { FakeApi } from '../support/fake-api.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { entry as journalEntry, entryIn } from '../support/journal-entry.ts'

const never = new AbortController().signal
const POLICY = writing(again(), again(), adopting('deploy', 'e'))
const broken = new TypeError('x is undefined', { cause: new Error('the password is hunter2') })
const text = async (packed: string): Promise<string> => await Promise.resolve(packed)

/** A deploy that holds its lock and has nothing to do but what `write` does. */
class Scene {
  readonly api = new FakeApi()
  readonly clock = new FakeClock()
  readonly files = new Map<string, string>()
  readonly redactor = new Redactor()
  readonly said: string[] = []
  readonly context: Planned
  readonly ports: DeployPorts

  constructor(more: Partial<DeployPorts> = {}, rollback = true) {
    this.redactor.add('hunter2')
    const live = journalEntry(41, 'deployed')
    const environment = environmentOf(live, { sandbox: true }, undefined)
    const own = { timeoutMs: undefined, skipVerify: true, rollback }
    const lease = { signal: never, lastDeploy: 41, takenFrom: undefined }
    const held = { deploy: nothing, confirm: nothing, release: nothing }
    const cluster = Object.assign(this.api, { kubectlFlags: '', tail: nothing }) as unknown as Connection
    const charts = { version: '4', major: 4 } as unknown as Charts
    this.context = {
      ...connected(asked(projectOf(live, environment), { yes: true, ...own }, POLICY), { cluster, charts }),
      ...unknownPast('nobody asked'),
      ...NO_IMAGES,
      ...NOTHING_PLANNED,
      target: undefined,
      liveEntry: live,
      lease: { ...lease, ...held },
      facts: { namespaces: [{ name: 'shop', object: {}, rules: {} }], resources: [] } as unknown as ClusterFacts,
      releases: [],
      leftOut: [],
      foreign: [],
      secretPlans: [],
      live: new Map(),
    }
    const keep = (at: string) => ({
      open: async () =>
        await Promise.resolve({
          path: at,
          write: async (name: string, content: string) =>
            await Promise.resolve(void this.files.set(`${at}/${name}`, content)),
        }),
    })
    this.ports = {
      clock: this.clock,
      codec: { pack: text, unpack: text },
      redactor: this.redactor,
      signal: never,
      leave: never,
      runner: { identity: 'me@here', pid: 1, command: 'forge deploy' },
      events: new Events(),
      screen: { width: undefined, mask: (line: string) => line },
      say: (lines: readonly string[]) => void this.said.push(...lines),
      project: { files: {} },
      here: HERE,
      evidence: keep('/evidence'),
      stacks: keep('/state'),
      ...more,
    } as unknown as DeployPorts
  }

  async run(write: (context: Planned) => Promise<string>) {
    const writing = { name: 'upgrade', write, total: () => 1, reached: 'deployed' as const }
    const { outcome, error, evidence } = await carryOut(this.context, this.ports, writing, [])
    const { where, now } = error?.details ?? {}
    return { outcome, code: error?.code, exit: error?.exitStatus, message: error?.message, where, now, evidence }
  }

  async journal() {
    const name = this.api.names.find((one) => one.startsWith('forge-journal')) ?? ''
    const record = this.api.see({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: this.context.project.environment.namespace,
      name,
    })
    const { entry = '' } = record?.['data'] as { entry?: string }
    return entryIn(await text(entry))
  }
}

async function nothing(): Promise<void> {
  await Promise.resolve()
}

const fails = async (): Promise<never> => await Promise.reject(broken)
const hangs = async (): Promise<never> => await new Promise<never>(() => undefined)
const failing = { open: fails }

test('a bug in a step ends as any failure does: evidence, the way back, and then exit status 1', async () => {
  const scene = new Scene()
  expect(await scene.run(fails)).toEqual({
    outcome: 'restored',
    code: 'E_BUG',
    exit: 1,
    message: 'x is undefined',
    where: '/evidence/stack.txt',
    now: 'e runs #41 again, proven',
    evidence: '/evidence',
  })
  const stack = scene.files.get('/evidence/stack.txt')
  expect(stack).toMatch(/^TypeError: x is undefined\n {4}at [^]*caused by Error: the password is •••\n {4}at /u)
  expect([...scene.files.keys()]).toContain('/evidence/verdict.txt')
  expect(await scene.journal()).toMatchObject({
    state: 'restored',
    verdict: { code: 'E_BUG', message: 'x is undefined' },
  })
})

test.each<[string, Partial<DeployPorts>, string | undefined]>([
  ['evidence cannot be written: below the state folder', { evidence: failing }, '/state/stack.txt'],
  ['nothing can be written: whoever tells of it prints it', { evidence: failing, stacks: failing }, undefined],
])('%s', async (_, ports, where) => {
  expect(await new Scene(ports).run(fails)).toMatchObject({ outcome: 'restored', code: 'E_BUG', exit: 1, where })
})

test.each(['watch', 'releases'])('an exception inside the way back (%s) ends with exit status 5', async (what) => {
  const scene = new Scene()
  const throwing = (): never => {
    throw broken
  }
  const ran = await scene.run(async (context) => {
    if (what === 'releases') Object.defineProperty(context, 'releases', { get: throwing })
    else Object.assign(scene.api, { watch: throwing })
    return await Promise.reject(new ForgeError('E_CRASH_LOOP', 'web crashes', { hint: kubectl(['logs', 'web']) }))
  })
  expect(ran).toMatchObject({
    outcome: 'failed',
    code: 'E_CRASH_LOOP',
    exit: 5,
    now: expect.stringMatching(
      /^the rollback failed: x is undefined \(\/\w+\/rollback-stack\.txt\)(?:; forge recover goes on with it)?$/u,
    ),
  })
})

test('a journal that cannot be written any more changes nothing about the way back', async () => {
  const scene = new Scene()
  const ran = await scene.run(async () => {
    Object.assign(scene.api, { replace: fails })
    return await fails()
  })
  expect(ran).toMatchObject({ outcome: 'restored', exit: 1 })
  expect(scene.said).toEqual([expect.stringContaining('the journal of #42 could not be finished')])
})

test('an exception that nobody awaits stops a deploy as a signal does', async () => {
  const stop = new AbortController()
  const scene = new Scene({ signal: stop.signal })
  const ran = await scene.run(async () => {
    stop.abort(bugOf(broken))
    return await Promise.reject(new Error('the operation was aborted'))
  })
  expect(ran).toMatchObject({ outcome: 'restored', code: 'E_BUG', exit: 1, message: 'x is undefined' })
})

test('with --no-rollback a bug leaves what was deployed, which is exit status 5', async () => {
  const ran = await new Scene({}, false).run(fails)
  expect(ran).toMatchObject({ outcome: 'failed', code: 'E_BUG', exit: 5, where: '/evidence/stack.txt' })
})

test.each<[string, Partial<DeployPorts>]>([
  ['the folder', { evidence: { open: hangs } }],
  ['every file', { evidence: { open: async () => await Promise.resolve({ path: '/hung', write: hangs }) } }],
])('a disk that hangs (%s) holds the rollback up for 10 s and no longer', async (_, ports) => {
  const scene = new Scene({ ...ports, stacks: { open: hangs } })
  let back = 0
  const watch = scene.api.watch.bind(scene.api)
  scene.api.watch = (...args) => {
    back += 1
    return watch(...args)
  }
  const ran = scene.run(fails)
  await scene.clock.advance(9_999)
  expect(back).toBe(1)
  await scene.clock.advance(1)
  expect(back).toBe(2)
  await scene.clock.advance(4_000)
  expect(await ran).toMatchObject({ outcome: 'restored', exit: 1, where: undefined })
})
