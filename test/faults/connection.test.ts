import { expect, test } from '@jest/globals'
import { BAD, deployUnder, expectCrashLoop, expectDeployed, GOOD } from '../support/deploy-under-fault.ts'
import { FaultProxy, type Asked } from '../support/fault-proxy.ts'
import { testSandbox } from '../support/sandbox.ts'

interface Scene {
  readonly proxy: FaultProxy
  /** The kubeconfig without the fault. */
  readonly direct: string
}

/** A proxy of its own for each test: they run side by side, since most of each is waiting. */
async function through(prove: (scene: Scene) => Promise<void>): Promise<void> {
  const direct = (await testSandbox()).kubeconfig
  const proxy = await FaultProxy.start(direct)
  try {
    await prove({ proxy, direct })
  } finally {
    await proxy.close()
  }
}

const pause = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms))

const isWatch = ({ byForge, query }: Asked): boolean => byForge && query.get('watch') === 'true'

/** What happens while forge waits for the pods. */
const FAULTS: [name: string, strike: (proxy: FaultProxy) => Promise<void> | void][] = [
  [
    'watches that are cut again and again',
    async (proxy) => {
      for (let time = 0; time < 3; time += 1) {
        proxy.reset()
        await pause(400)
      }
    },
  ],
  ['watches whose resourceVersion is too old', (proxy) => proxy.expire()],
  [
    'a reset, after which every watch gets 410 once',
    (proxy) => {
      const told = new Set<string>()
      proxy.answer((asked) => {
        if (!isWatch(asked) || told.has(asked.path)) return undefined
        told.add(asked.path)
        return { status: 410 }
      })
      proxy.reset()
    },
  ],
  ['a connection that falls silent, and is never closed', (proxy) => proxy.stall()],
]

test.concurrent.each(FAULTS)('%s: a deploy that works ends ready, with one revision', async (_, strike) => {
  await through(async ({ proxy, direct }) => {
    const connected = (): number => proxy.connections
    const before = connected()
    const deployed = await deployUnder(proxy.kubeconfig, GOOD, () => strike(proxy))
    expect(connected()).toBeGreaterThan(before)
    await expectDeployed(direct, deployed)
  })
})

test.concurrent.each(FAULTS)('%s: a deploy that fails tells its own failure', async (_, strike) => {
  await through(async ({ proxy }) => {
    expectCrashLoop(await deployUnder(proxy.kubeconfig, BAD, () => strike(proxy)))
  })
})

/** The first write of the lock says which deploy it is: that one has no other try. */
function everyOtherRenewal(): (asked: Asked) => { status: number } | undefined {
  let renewals = 0
  return ({ method, path }) => {
    if (method !== 'PUT' || !path.includes('/leases/')) return undefined
    renewals += 1
    return renewals % 2 === 0 ? { status: 500 } : undefined
  }
}

const ANSWERS: [name: string, fault: () => (asked: Asked) => { status: number; retryAfter?: number } | undefined][] = [
  [
    '429 with Retry-After for every fifth request',
    () =>
      ({ byForge, number }) =>
        byForge && number % 5 === 0 ? { status: 429, retryAfter: 1 } : undefined,
  ],
  [
    '503 for every fourth read and watch',
    () =>
      ({ byForge, method, number }) =>
        byForge && method === 'GET' && number % 4 === 0 ? { status: 503 } : undefined,
  ],
  ['500 for every other renewal of the lock', everyOtherRenewal],
]

test.concurrent.each(ANSWERS)('%s: a deploy that works ends ready, with one revision', async (_, fault) => {
  await through(async ({ proxy, direct }) => {
    proxy.answer(fault())
    await expectDeployed(direct, await deployUnder(proxy.kubeconfig, GOOD, () => undefined))
  })
})

test.concurrent.each(ANSWERS)('%s: a deploy that fails tells its own failure', async (_, fault) => {
  await through(async ({ proxy }) => {
    proxy.answer(fault())
    expectCrashLoop(await deployUnder(proxy.kubeconfig, BAD, () => undefined))
  })
})
