import { describe, test } from '@jest/globals'
import { failsFirst, failsLater, SHORT, type Told } from '../support/failing-deploy.ts'

const POD = ['Deployment/web', 'ReplicaSet/web-*', 'Pod/web-*']
const WEB = { stage: 'web', chain: [...POD, 'web'], object: 'pod-web-' } as const

/** Containers that end, or never become ready. */
const FAILURES: Told[] = [
  {
    ...WEB,
    failure: 'crash-loop',
    code: 'E_CRASH_LOOP',
    message: /^web cannot start: it exits with status 3 at once, 3 times/u,
    logs: { 'web.log': 'unknown key "colour"', 'web.previous.log': 'unknown key "colour"' },
    event: 'Started container web',
  },
  {
    ...WEB,
    failure: 'oom',
    code: 'E_OOM_KILLED',
    message: /^web runs out of memory: it is killed at its limit of 256Mi, [23] times/u,
    logs: { 'web.log': 'loading 4 GB of translations' },
    event: 'Started container web',
  },
  {
    ...WEB,
    failure: 'start',
    code: 'E_CONTAINER_START',
    message: /^web cannot start: its program \/simulated cannot be run \(no such file or directory\)/u,
    event: 'exec: "/simulated"',
  },
  {
    ...WEB,
    failure: 'liveness',
    code: 'E_PROBE_FAILING',
    message: /^web is killed by its liveness probe, 3 times/u,
    logs: { 'web.log': 'deadlock detected in worker 2' },
    event: 'Liveness probe failed',
  },
  {
    ...WEB,
    ...SHORT,
    failure: 'never-ready',
    code: 'E_PROBE_FAILING',
    message: /^web .*its readiness probe fails: HTTP probe failed with statuscode: 503/u,
    logs: { 'web.log': 'waiting for the queue' },
    event: 'Readiness probe failed',
  },
  {
    ...WEB,
    ...SHORT,
    failure: 'flapping',
    code: 'E_PROBE_FAILING',
    message: /^web runs, but does not stay ready: its readiness probe fails again and again/u,
    logs: { 'web.log': 'simulated failure (flapping)' },
    event: 'Readiness probe failed',
  },
  {
    ...WEB,
    failure: 'init',
    chain: [...POD, 'prepare'],
    code: 'E_INIT_FAILED',
    message: /^web cannot start: its init container prepare exits with status 1 at once, 3 times/u,
    logs: { 'prepare.log': 'fatal: no space left on device' },
    event: 'Started container prepare',
  },
]

// Side by side: most of each deploy is waiting.
describe('as the first deploy: exit status 5, all stays', () => {
  test.concurrent.each(FAILURES)('$failure', async (told) => await failsFirst(told))
})

describe('later: exit status 4, every object is as before', () => {
  test.concurrent.each(FAILURES)('$failure', async (told) => await failsLater(told))
})
