import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { BAD, deployUnder, expectCrashLoop, expectDeployed, GOOD } from '../support/deploy-under-fault.ts'
import { document, forge } from '../support/forge.ts'

// A control plane for each test: controllers that have lost their API server often wait ever longer to ask it again.
const NAME = `restart-${process.pid}`
let kubeconfig: string

beforeEach(async () => {
  const up = await sandbox('up')
  kubeconfig = document<{ sandbox: { kubeconfig: string } }>(up).sandbox.kubeconfig
})

afterEach(async () => {
  await sandbox('down')
})

async function sandbox(...args: readonly string[]): Promise<Awaited<ReturnType<typeof forge>>> {
  const ran = await forge(['sandbox', ...args, '--name', NAME, '--json'])
  if (ran.status !== 0) throw new Error(`forge sandbox ${args.join(' ')} ended with ${ran.status}:\n${ran.stderr}`)
  return ran
}

async function restart(...more: readonly string[]): Promise<void> {
  await sandbox('restart', 'kube-apiserver', ...more)
}

test('the API server is killed and started again: the deploy ends ready, with one revision', async () => {
  await expectDeployed(kubeconfig, await deployUnder(kubeconfig, GOOD, restart))
})

test('it stays away while the pod becomes ready: the deploy ends ready', async () => {
  await expectDeployed(kubeconfig, await deployUnder(kubeconfig, GOOD, async () => await restart('--away', '5s')))
})

test('a deploy that fails tells its own failure', async () => {
  expectCrashLoop(await deployUnder(kubeconfig, BAD, restart))
})

test('a cluster that stays away is told as that, and nothing is said of the pods', async () => {
  let back = Promise.resolve()
  const { status, stderr } = await deployUnder(kubeconfig, GOOD, () => void (back = restart('--away', '45s')))
  await back
  expect({ status, stderr }).toEqual({
    status: 5,
    stderr: expect.stringMatching(/^ +E_(?:CLUSTER_UNREACHABLE|LOCK_LOST)$/mu),
  })
  expect(stderr).not.toMatch(/E_PROBE_FAILING|E_STAGE_TIMEOUT/u)
}, 150_000)
