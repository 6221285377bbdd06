import { expect, test } from '@jest/globals'
import { again, forge, sequence } from '../../src/hint.ts'
import { crashed, reasonIn } from '../../src/adapters/sandbox/crash.ts'

const ETCD = JSON.stringify({
  level: 'panic',
  caller: 'etcdserver/bootstrap.go:679',
  msg: 'failed to create WAL',
  error: 'no space left on device',
  stacktrace: 'go.etcd.io/etcd/server/v3/etcdserver.bootstrapNewWAL',
})

test.each([
  [
    'of etcd',
    ['{"level":"warn","msg":"slow"}', ETCD, 'panic: failed to create WAL'],
    'failed to create WAL: no space left on device',
  ],
  ['in JSON alone', ['starting', ETCD], 'failed to create WAL: no space left on device'],
  ['of the Go runtime', ['fatal error: runtime: out of memory'], 'runtime: out of memory'],
  ['of klog', ['F1129 00:30:17.39 1 run.go:72] no port is free'], 'no port is free'],
  [
    'of a command of Kubernetes',
    ['E1129 00:30:17.39 1 run.go:72] "command failed" err="listen tcp: address already in use"'],
    'listen tcp: address already in use',
  ],
  ['none: it was killed', ['{"level":"info","msg":"serving"}', 'I1129 00:30:17.39 1 run.go:72] started'], undefined],
  ['none: a line that is cut', ['{"level":"panic","msg":"failed'], undefined],
  ['none: nothing was said', [], undefined],
])('the reason that a program gives for its end: %s', (_, lines, reason) => {
  expect(reasonIn(lines)).toBe(reason)
})

const CRASH = {
  program: 'etcd',
  exit: 'exit status 2',
  at: '2026-11-29T00:30:17Z',
  log: '/s/logs/etcd.log',
  lines: [ETCD],
}

test('what is kept of a sandbox that crashed is told, and how to begin anew', () => {
  const { message, details } = crashed('demo', CRASH)
  expect({ message, ...details }).toMatchObject({
    message: 'etcd of the sandbox demo crashed: failed to create WAL: no space left on device',
    where: '/s/logs/etcd.log',
    log: ['failed to create WAL: no space left on device'],
    now: 'its other programs were stopped, its logs are kept',
    hint: sequence(forge('sandbox', 'down', '--name', 'demo'), forge('sandbox', 'up', '--name', 'demo')),
  })
})

test('that of a rehearsal is taken down: nothing is said of its logs, nor of its name', () => {
  const { message, details } = crashed('rehearsal-4190-yoo3-d0a3f581-1', CRASH)
  expect({ message, ...details }).toMatchObject({
    message: 'etcd of the sandbox of this rehearsal crashed: failed to create WAL: no space left on device',
    where: 'sandbox',
    now: 'nothing was changed, and the rehearsal has no result',
    hint: again(),
  })
})
