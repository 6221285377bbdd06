import { expect, test } from '@jest/globals'
import { lackedRights } from '../../src/domain/readiness/not-root.ts'

const pod = (ofPod: object, own: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } },
  spec: { securityContext: ofPod, containers: [{ name: 'web', securityContext: own }] },
})
const DENIED = ['starting', "mkdir: can't create directory '/var/cache': Permission denied"]

test.each([
  ['a user of the pod', pod({ runAsUser: 1000 }), DENIED, 'it runs as user 1000'],
  ['the own user of the container', pod({ runAsUser: 0 }, { runAsUser: 70 }), DENIED, 'it runs as user 70'],
  ['any user but root', pod({ runAsNonRoot: true }), ['Error: EACCES, open'], 'it runs as a user that is not root'],
  ['a program that asks for it', pod({ runAsUser: 5 }), ['must be run as root'], 'it runs as user 5'],
  ['a file system', pod({}, { readOnlyRootFilesystem: true }), ['x: Read-only file system'], 'needs a volume'],
])('%s: what it lacked', (_, object, lines, text) => {
  expect(lackedRights(object, 'web', lines)).toContain(text)
})

test.each([
  ['root itself', pod({ runAsUser: 0 }), DENIED],
  ['nobody says a user', pod({}), DENIED],
  ['it says something else', pod({ runAsUser: 1000 }), ['connection refused']],
  ['a file system that can be written', pod({ runAsUser: 1000 }), ['Read-only file system']],
  ['a pod that is gone', undefined, DENIED],
])('%s: nothing is said', (_, object, lines) => {
  expect(lackedRights(object, 'web', lines)).toBeUndefined()
})
