import { describe, expect, test } from '@jest/globals'
import { keyringOf, loginsFor } from '../../src/domain/images/keyring.ts'
import { nodeName, parseReference, wholeName } from '../../src/domain/images/reference.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const JSON_TYPE = 'kubernetes.io/dockerconfigjson'

function secret(name: string, auths: unknown, type = JSON_TYPE): KubeObject {
  const [field, config] = type === JSON_TYPE ? ['.dockerconfigjson', { auths }] : ['.dockercfg', auths]
  return {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type },
    data: { [field]: base64(JSON.stringify(config)) },
  }
}

/** Which users a repository gets of logins that are named after their places. */
function users(places: readonly string[], repository: string): string[] {
  const auths = Object.fromEntries(places.map((place) => [place, { username: place, password: 'x' }]))
  return loginsFor(keyringOf([secret('pull', auths)]).keyring, repository).map(({ user }) => user)
}

describe('a login is for', () => {
  // Once held against kubelet 1.36.3 itself with 100,000 made-up secrets.
  // The cases of kubelet's own tests (pkg/credentialprovider/keyring_test.go), as questions to a keyring.
  test.each([
    ['*.kubernetes.io', 'prefix.kubernetes.io/app', true],
    ['prefix.*.io', 'prefix.kubernetes.io/app', true],
    ['prefix.kubernetes.*', 'prefix.kubernetes.io/app', true],
    ['*-good.kubernetes.io', 'prefix-good.kubernetes.io/app', true],
    ['*.kubernetes.io/blah', 'prefix.kubernetes.io/blah', true],
    ['prefix.*.io/foo', 'prefix.kubernetes.io/foo/bar', true],
    ['*.kubernetes.io:1111/blah', 'prefix.kubernetes.io:1111/blah', true],
    ['*.kubernetes.io', 'kubernetes.io/app', false],
    ['*.*.kubernetes.io', 'prefix.kubernetes.io/app', false],
    ['*.*.kubernetes.io', 'one.two.kubernetes.io/app', true],
    ['*kubernetes.io', 'prefix.kubernetes.io/app', false],
    ['*kubernetes.io', 'my-kubernetes.io/app', true],
    ['*.*.*.kubernetes.io', 'one.two.kubernetes.io/app', false],
    ['kubernetes.io', 'kubernetes.com/app', false],
    ['k*.io', 'quay.io/app', false],
    ['*.kubernetes.io:1234/blah', 'prefix.kubernetes.io:1111/blah', false],
    ['prefix.*.io/foo', 'prefix.kubernetes.io/bar', false],
    ['https://hello.kubernetes.io', 'hello.kubernetes.io/foo/bar', true],
    ['http://hello.kubernetes.io', 'hello.kubernetes.io/foo/bar', true],
    ['https://prefix.docker.*/v1/', 'prefix.docker.io/foo', true],
    ['https://*.docker.io/v2/', 'prefix.docker.io/foo', true],
    ['https://*.docker.io/path:1111', 'prefix.docker.io:1111/path', false],
    ['ghcr.io', 'ghcr.io/acme/app', true],
    // By letters, not by parts.
    ['ghcr.io/acme', 'ghcr.io/acme-tools/app', true],
    ['ghcr.io/acme/', 'ghcr.io/acme-tools/app', false],
    ['ghcr.io', 'ghcr.io:443/acme/app', false],
    // A question mark begins the query of an address.
    ['registry-?.acme.io', 'registry-1.acme.io/app', false],
    ['registry-[0-4].acme.io', 'registry-3.acme.io/app', true],
    ['registry-[0-4].acme.io', 'registry-5.acme.io/app', false],
    ['registry-[.acme.io', 'registry-1.acme.io/app', false],
    ['[::1]:5000', '[::1]:5000/app', true],
    ['[a-c].io', 'a.io/app', false],
    ['\\a.io', 'a.io/app', false],
    ['ghcr.io/ac%6de', 'ghcr.io/acme/app', true],
    ['ghcr.io/%', 'ghcr.io/acme/app', false],
    ['user@ghcr.io', 'ghcr.io/acme/app', true],
    ['', 'ghcr.io/app', false],
    ['https://', 'ghcr.io/app', false],
  ])('%s and %s: %s', (place, repository, fits) => {
    expect(users([place], repository)).toEqual(fits ? [place] : [])
  })

  test.each([
    ['https://index.docker.io/v1/', 'docker.io/library/redis', true],
    ['index.docker.io', 'docker.io/acme/app', true],
    ['docker.io', 'docker.io/library/redis', true],
    ['registry-1.docker.io', 'docker.io/library/redis', false],
    // Without a dot or a port kubelet takes it for Docker Hub's.
    ['index.docker.io', 'localhost/app', true],
    ['https://index.docker.io/v1/', 'ghcr.io/acme/app', false],
  ])('Docker Hub: %s and %s: %s', (place, repository, fits) => {
    expect(users([place], repository)).toEqual(fits ? [place] : [])
  })

  test('all that fit are tried, those for the most of the name first', () => {
    expect(users(['quay.io', '*.io', 'quay.io/coreos', 'quay.io/core', 'quay.com'], 'quay.io/coreos/etcd')).toEqual([
      'quay.io/coreos',
      'quay.io/core',
      'quay.io',
      '*.io',
    ])
    const two = [secret('one', { 'a.io': { auth: base64('u:1') } }), secret('two', { 'a.io': { auth: base64('u:2') } })]
    expect(loginsFor(keyringOf(two).keyring, 'a.io/app')).toEqual([
      { secret: 'one', user: 'u', password: '1' },
      { secret: 'two', user: 'u', password: '2' },
    ])
  })
})

describe('a pull secret', () => {
  const read = (object: KubeObject) => {
    const { keyring, unreadable } = keyringOf([object])
    return unreadable.length > 0 ? 'unreadable' : loginsFor(keyring, 'a.io/app')
  }

  test.each([
    ['auth', { auth: base64('ci:pass:word') }, 'ci', 'pass:word'],
    ['auth before names', { auth: base64('ci:x'), username: 'other', password: 'y' }, 'ci', 'x'],
    ['names', { username: 'ci', password: 'x', email: 'a@b' }, 'ci', 'x'],
    ['auth without padding', { auth: base64('ci:x1').replace(/=+$/u, '') }, 'ci', 'x1'],
    ['nothing', {}, '', ''],
    ['null', null, '', ''],
    ['names in other letters', { Username: 'ci', PASSWORD: 'x' }, 'ci', 'x'],
    // Kubelet does not know it.
    ['a token', { identitytoken: 'long' }, '', ''],
  ])('gives %s', (_, entry, user, password) => {
    expect(read(secret('pull', { 'a.io': entry }))).toEqual([{ secret: 'pull', user, password }])
    expect(read(secret('pull', { 'a.io': entry }, 'kubernetes.io/dockercfg'))).toEqual([
      { secret: 'pull', user, password },
    ])
  })

  test.each([
    ['auth that is no base64', { 'a.io': { auth: '%%%' } }],
    ['auth that is a number', { 'a.io': { auth: 7 } }],
    ['auth without a colon', { 'a.io': { auth: base64('ci') } }],
    ['an entry that is a text', { 'a.io': 'ci:x' }],
    ['a list', []],
  ])('%s: nothing is pulled with it', (_, auths) => expect(read(secret('pull', auths))).toBe('unreadable'))

  test('of another type, or empty, is none; a chart may state its text', () => {
    const auths = { 'a.io': { username: 'u', password: 'p' } }
    expect(read({ ...secret('pull', auths), type: 'Opaque' })).toEqual([])
    expect(read({ ...secret('pull', auths), data: {} })).toEqual([])
    expect(read(secret('pull', undefined))).toEqual([])
    const stringData = { '.dockerconfigjson': JSON.stringify({ auths }) }
    expect(read({ ...secret('pull', {}), data: undefined, stringData })).toHaveLength(1)
    expect(read({ ...secret('pull', {}), stringData: { '.dockerconfigjson': 'no' } })).toBe('unreadable')
  })
})

test.each([
  ['redis', 'docker.io/library/redis', 'docker.io/library/redis:latest'],
  ['docker.io/redis:7', 'docker.io/library/redis', 'docker.io/library/redis:7'],
  ['index.docker.io/acme/app:1', 'docker.io/acme/app', 'docker.io/acme/app:1'],
  ['localhost:5000/app:1', 'localhost:5000/app', 'localhost:5000/app:1'],
  [`a.io/app:1@sha256:${'0'.repeat(64)}`, 'a.io/app', `a.io/app@sha256:${'0'.repeat(64)}`],
])('%s is %s, and %s on a node', (text, whole, onNode) => {
  const parsed = parseReference(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  expect([wholeName(parsed), nodeName(parsed)]).toEqual([whole, onNode])
})
