import { describe, expect, test } from '@jest/globals'
import { freshNamespace, snapshot } from '../support/cluster.ts'
import { deploy, failsFirst, failsLater, SHORT, type Told } from '../support/failing-deploy.ts'
import { failingProject } from '../support/project.ts'

const POD = ['Deployment/web', 'ReplicaSet/web-*', 'Pod/web-*']
const WEB = { stage: 'web', chain: [...POD, 'web'], object: 'pod-web-' } as const

/** Pods that never run, and what they are made of. */
const FAILURES: Told[] = [
  {
    ...WEB,
    failure: 'image-pull',
    code: 'E_IMAGE_PULL',
    message: /^web cannot pull image example.test\/web:1: it does not exist/u,
    event: 'not found',
  },
  {
    ...WEB,
    failure: 'image-denied',
    code: 'E_IMAGE_PULL',
    message: /^web cannot pull image example.test\/web:1: the registry refuses access/u,
    event: '401 Unauthorized',
  },
  {
    ...WEB,
    ...SHORT,
    failure: 'image-network',
    code: 'E_IMAGE_PULL',
    message: /^web cannot pull image example.test\/web:1: the registry cannot be reached/u,
    event: 'i/o timeout',
  },
  {
    ...WEB,
    failure: 'config-error',
    chain: [...WEB.chain, 'Secret/simulated'],
    code: 'E_CONTAINER_CONFIG',
    message: /^web cannot start: Secret\/simulated has no key SIMULATED/u,
    event: "couldn't find key SIMULATED",
  },
  {
    ...WEB,
    ...SHORT,
    failure: 'unschedulable',
    chain: POD,
    code: 'E_UNSCHEDULABLE',
    message: /^web fits on no node: no node has enough free cpu/u,
    event: 'Insufficient cpu',
  },
  {
    ...WEB,
    ...SHORT,
    failure: 'claim',
    chain: [...POD, 'PersistentVolumeClaim/cache'],
    object: 'persistentvolumeclaim-cache',
    code: 'E_VOLUME',
    message: /^web cannot start: claim cache is Pending: no space is left/u,
    event: 'ProvisioningFailed',
  },
  {
    failure: 'job',
    stage: 'schema',
    chain: ['Job/migrate-*', 'Pod/migrate-*', 'migrate'],
    object: 'job-migrate-',
    code: 'E_JOB_FAILED',
    message: /^migrate\S* failed: it exits with status 7 at once, 3 attempts/u,
    logs: { 'migrate.log': 'ERROR:  relation "users" does not exist' },
    event: 'BackoffLimitExceeded',
  },
]

// Side by side: most of each deploy is waiting.
describe('as the first deploy: exit status 5, all stays', () => {
  test.concurrent.each(FAILURES)('$failure', async (told) => await failsFirst(told))
})

describe('later: exit status 4, every object is as before', () => {
  test.concurrent.each(FAILURES)('$failure', async (told) => await failsLater(told))
})

describe('what is no failure', () => {
  test.concurrent.each(['slow', 'job-twice'])('%s: deployed', async (failure) => {
    const { status, report } = await deploy(await failingProject(freshNamespace('heals')), failure)
    expect({ status, outcome: report.outcome, verdict: report.verdict }).toEqual({
      status: 0,
      outcome: 'deployed',
      verdict: null,
    })
  })
})

test('a class that does not exist is refused before anything is written', async () => {
  const { status, report } = await deploy(await failingProject(freshNamespace('class')), 'storage-class')
  expect({ status, code: report.verdict?.code, message: report.verdict?.message }).toEqual({
    status: 3,
    code: 'E_STORAGE_CLASS',
    message: 'PersistentVolumeClaim/cache needs StorageClass fast, which the cluster does not have',
  })
})

test('a new volume that a failing pod uses is gone before it is said that all is as before', async () => {
  const namespace = freshNamespace('used')
  const project = await failingProject(namespace)
  await deploy(project, 'none')
  const before = await snapshot(namespace)
  const failing = JSON.stringify({ claim: {}, web: { fail: 'oom' } })
  const { status, report } = await deploy(project, 'oom', '--set-json', `failures.oom=${failing}`)
  expect({ status, code: report.verdict?.code }).toEqual({ status: 4, code: 'E_OOM_KILLED' })
  expect(await snapshot(namespace)).toEqual(before)
})
