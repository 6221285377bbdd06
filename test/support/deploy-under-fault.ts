import { expect } from '@jest/globals'
import { execa } from 'execa'
import { freshNamespace, type LiveObject } from './cluster.ts'
import { startForge, type Ran } from './forge.ts'
import { failingProject } from './project.ts'

/** A pod that takes 4 s to become ready: time for a fault. */
export const GOOD = ['--set', 'failures.none.web.delay=4s', '--timeout', '60s']
/** The same, and then it crashes, crashes and crashes. */
export const BAD = ['--set', 'failure=crash-loop', '--set', 'failures.crash-loop.web.delay=3s', '--timeout', '60s']

export interface UnderFault extends Ran {
  readonly namespace: string
}

/** Deploys examples/failures through that kubeconfig; `strike` is called once, when forge waits for the pod of `web`. */
export async function deployUnder(
  kubeconfig: string,
  flags: readonly string[],
  strike: () => Promise<void> | void,
): Promise<UnderFault> {
  const namespace = freshNamespace('fault')
  const project = await failingProject(namespace)
  const { stdout: context } = await execa('kubectl', ['--kubeconfig', kubeconfig, 'config', 'current-context'])
  // Its images are in no registry.
  await project.configure(['environments', 'far'], { cluster: { context }, namespace, pullCheck: 'skip' })
  const running = startForge(['deploy', '--env', 'far', '-C', project.dir, '--kubeconfig', kubeconfig, ...flags])
  let screen = ''
  let struck: Promise<void> | undefined
  running.stderr.on('data', (part: Buffer) => {
    screen += part.toString()
    // Not in one expression: a strike that fails is to be seen in this test, not in the process.
    if (struck === undefined && / 8\/8 web +web 0\/1/u.test(screen)) struck = (async () => await strike())()
  })
  const { exitCode: status, stdout, stderr } = await running
  if (struck === undefined) throw new Error(`forge never waited for web (exit status ${status}):\n${stdout}\n${stderr}`)
  await struck
  return { namespace, status, stdout, stderr }
}

/** Nothing was lost and nothing made up: one deploy, one revision, all there. Looked at without the fault. */
export async function expectDeployed(
  kubeconfig: string,
  { namespace, status, stdout, stderr }: UnderFault,
): Promise<void> {
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/FAILED|REFUSED|✖/u) })
  expect(stdout).toMatch(/^Deployed #1 to far in [\d.]+ s\. Everything is ready\.$/mu)
  const [web] = await live(kubeconfig, namespace, 'deployments')
  expect(web?.status).toMatchObject({ availableReplicas: 1 })
  const records = await live(kubeconfig, namespace, 'secrets', 'owner=helm')
  expect(records.map(({ metadata }) => metadata.labels)).toEqual([
    expect.objectContaining({ version: '1', status: 'deployed' }),
  ])
  const [lease] = await live(kubeconfig, namespace, 'leases')
  expect(lease?.spec?.['holderIdentity'] ?? '').toBe('')
}

/** The failure itself is told, not the fault that came before it. */
export function expectCrashLoop({ status, stderr }: UnderFault): void {
  expect({ status, stderr }).toEqual({ status: 5, stderr: expect.stringMatching(/^ +E_CRASH_LOOP$/mu) })
  expect(stderr).toMatch(/^FAILED {2}web .*exits with status 3 after [34] s, 3 times/mu)
  expect(stderr).toMatch(/^ +evidence: \S+$/mu)
}

async function live(kubeconfig: string, namespace: string, kind: string, selector = ''): Promise<LiveObject[]> {
  const args = ['--kubeconfig', kubeconfig, 'get', kind, '-n', namespace, '-l', selector, '-o', 'json']
  return (JSON.parse((await execa('kubectl', args)).stdout) as { items: LiveObject[] }).items
}
