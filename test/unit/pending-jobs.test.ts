import { expect, test } from '@jest/globals'
import { isAtWork } from '../../src/domain/plan/jobs.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { waitForJobs } from '../../src/flows/restore/pending-jobs.ts'

const UID = '5f0c'
const job: KubeObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', namespace: 'shop', uid: UID },
  status: { active: 1, failed: 1 },
}

function podOf(status: object, uid = UID): KubeObject {
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'migrate', uid, controller: true }]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'migrate-x', namespace: 'shop', ownerReferences }, status }
}

const main = (state: object): object => ({ containerStatuses: [{ name: 'main', state }] })
const UNSTARTED = main({ waiting: { reason: 'RunContainerError' } })
const FAILED = main({ terminated: { exitCode: 128, reason: 'StartError' } })

test.each<[string, object, boolean]>([
  ['runs', main({ running: {} }), true],
  ['runs its init container', { initContainerStatuses: [{ name: 'wait', state: { running: {} } }] }, true],
  ['has ended well, and its Job does not say so yet', main({ terminated: { exitCode: 0 } }), true],
  ['cannot be started', UNSTARTED, false],
  ['has failed', FAILED, false],
  [
    'is done with its init container, and cannot be started',
    { initContainerStatuses: [{ name: 'wait', state: { terminated: { exitCode: 0 } } }], ...UNSTARTED },
    false,
  ],
  ['is on no node yet', { phase: 'Pending' }, false],
])('a pod that %s', (_, status, isBusy) => {
  expect(isAtWork(podOf(status))).toBe(isBusy)
})

async function waited(pods: readonly KubeObject[]): Promise<unknown> {
  const cluster = { get: () => Promise.resolve(job), list: () => Promise.resolve(pods) }
  const context = { cluster, project: { environment: { namespace: 'shop' } } } as unknown as Parameters<
    typeof waitForJobs
  >[1]
  const clock = {} as Parameters<typeof waitForJobs>[2]['clock']
  const leaving = [{ object: job, template: '' }]
  const signal = new AbortController().signal
  return await waitForJobs({ leaving, to: [] }, context, { clock }, { detail: () => undefined }, signal)
}

test.each([
  ['the attempts fail before a process is there', [podOf(FAILED), podOf(UNSTARTED)]],
  ['another Job of that name had the pod that runs', [podOf(FAILED), podOf(main({ running: {} }), 'other')]],
])('nothing is waited for where %s', async (_, pods) => {
  expect(await waited(pods)).toEqual({ running: [], jobs: 1, complete: false })
})
