import { describe, expect, test } from '@jest/globals'
import { readComposeBuild, type ComposeBuild } from '../../src/domain/images/compose.ts'
import { interpolate } from '../../src/domain/values/interpolate.ts'
import { floats, isPinnedTag, parseReference, parseRepository, referenceAt } from '../../src/domain/images/reference.ts'
import { badImages } from '../../src/domain/images/rendered.ts'
import { imagesSummary } from '../../src/domain/images/summary.ts'

const DIGEST = `sha256:${'d'.repeat(64)}`
const TAGGED = 'ghcr.io/acme/app:sha-1f3c9a2e0b44aaaa'

describe('references', () => {
  test.each([
    ['app', { path: 'app' }],
    ['app:1.2', { path: 'app', tag: '1.2' }],
    ['acme/app:1', { path: 'acme/app', tag: '1' }],
    ['ghcr.io/acme/app', { host: 'ghcr.io', path: 'acme/app' }],
    ['localhost/app:x', { host: 'localhost', path: 'app', tag: 'x' }],
    ['localhost:5000/app', { host: 'localhost:5000', path: 'app' }],
    ['[::1]:5000/app:1', { host: '[::1]:5000', path: 'app', tag: '1' }],
    [`ghcr.io/a/b__c:1@${DIGEST}`, { host: 'ghcr.io', path: 'a/b__c', tag: '1', digest: DIGEST }],
    [`app@${DIGEST}`, { path: 'app', digest: DIGEST }],
    ['LOCALDOMAIN/app:1', { host: 'LOCALDOMAIN', path: 'app', tag: '1' }],
    ['Acme/team/app', { host: 'Acme', path: 'team/app' }],
    ['acme.io', { path: 'acme.io' }],
    ['acme:5000', { path: 'acme', tag: '5000' }],
    ['acme_eu/app_one.two', { path: 'acme_eu/app_one.two' }],
    ['10.1.2.3/app', { host: '10.1.2.3', path: 'app' }],
    ['acme:123456/app', { host: 'acme:123456', path: 'app' }],
    [`acme.io/${'a'.repeat(255)}`, { host: 'acme.io', path: 'a'.repeat(255) }],
    [`app@sha512:${'0f'.repeat(64)}`, { path: 'app', digest: `sha512:${'0f'.repeat(64)}` }],
    [`acme/${'0f'.repeat(32)}`, { path: `acme/${'0f'.repeat(32)}` }],
  ])('%s', (text, parts) => expect(parseReference(text)).toEqual(parts))

  test.each([
    ['', 'it is empty'],
    ['ghcr.io/Acme/app', '"Acme" has capital letters'],
    ['ghcr.io//app', 'a part between slashes is empty'],
    ['app:', '"" is not a valid tag'],
    ['app:a b', '"a b" is not a valid tag'],
    ['app@sha256:abc', '"sha256:abc" is not a valid digest: sha256 has 64 hex digits, not 3'],
    ['app@', '"" is not a valid digest (sha256: and 64 hex digits)'],
    ['app@latest', '"latest" is not a valid digest (sha256: and 64 hex digits)'],
    [`app@md5:${'0'.repeat(32)}`, `"md5:${'0'.repeat(32)}" is not a valid digest (sha256: and 64 hex digits)`],
    [`app@SHA256:${'0'.repeat(64)}`, `"SHA256:${'0'.repeat(64)}" is not a valid digest (sha256: and 64 hex digits)`],
    [`app@sha256:${'F'.repeat(64)}`, `"sha256:${'F'.repeat(64)}" is not a valid digest: its digits are 0-9 and a-f`],
    [
      `app@sha512:${'0'.repeat(64)}`,
      `"sha512:${'0'.repeat(64)}" is not a valid digest: sha512 has 128 hex digits, not 64`,
    ],
    ['App', '"App" has capital letters'],
    ['App:tag', '"App" has capital letters'],
    ['[::1]', '":1]" is not a valid tag'],
    ['[fe80::1%eth0]:5000/app', '"[fe80::1%eth0]:5000" is not a valid registry host'],
    ['acme_eu.io:x/app', '"acme_eu.io:x" is not a valid registry host'],
    ['0f'.repeat(32), 'it is the id of an image, which no registry knows'],
    [`acme.io/${'a'.repeat(256)}`, 'it is longer than 255 characters'],
    ['@sha256:abc', 'it has no name before, or more than one, "@"'],
    ['a..b', '"a..b" may hold only a-z, 0-9 and single . _ - between them'],
    ['-x.io/app', '"-x.io" is not a valid registry host'],
    ['https://ghcr.io/app', '"https:" is not a valid registry host'],
  ])('%s is none: %s', (text, problem) => expect(parseReference(text)).toEqual({ problem }))

  test.each([
    ['ghcr.io/acme/app:1', 'it has a tag ("1"); forge tags by content'],
    [`ghcr.io/acme/app@${DIGEST}`, 'it has a digest'],
  ])('%s is no repository', (text, problem) => expect(parseRepository(text)).toEqual({ problem }))

  test.each([
    [{ path: 'a' }, true],
    [{ path: 'a', tag: 'latest' }, true],
    [{ path: 'a', tag: '1' }, false],
    [{ path: 'a', tag: 'latest', digest: DIGEST }, false],
  ])('%j floats: %s', (parts, is) => expect(floats(parts)).toBe(is))

  test('those of rendered pods are looked at too, but not an empty one', () => {
    const images = ['web:1', '', 'App:1', 'db@sha256:abc']
    const containers = images.map((image, at) => ({ name: `c${at}`, image }))
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { template: { spec: { containers } } },
    }
    expect(badImages([job])).toEqual([
      { image: 'App:1', by: 'Job/j', problem: '"App" has capital letters' },
      {
        image: 'db@sha256:abc',
        by: 'Job/j',
        problem: '"sha256:abc" is not a valid digest: sha256 has 64 hex digits, not 3',
      },
    ])
  })

  test('a tag is the same image only where it is pinned: it may have been moved', () => {
    expect([TAGGED, `${TAGGED}@${DIGEST}`, `${TAGGED}0@${DIGEST}`].map((ref) => isPinnedTag(ref, TAGGED))).toEqual([
      false,
      true,
      false,
    ])
  })

  test.each([
    [{ app: { image: 'a:1' } }, 'a:1'],
    [{ app: { image: '' } }, undefined],
    [{ app: { image: { repository: 'a' } } }, undefined],
    [{ app: 'x' }, undefined],
    [undefined, undefined],
  ])('in the values %j it is %s', (values, ref) => expect(referenceAt(values, ['app', 'image'])).toBe(ref))
})

describe('compose files', () => {
  const env = (name: string): string | undefined => ({ TAG: '7', EMPTY: '', A: 'a' })[name]
  test.each([
    ['$TAG-${TAG}', '7-7', []],
    ['$$TAG', '$TAG', []],
    ['${NONE:-x}${EMPTY:-y}${EMPTY-z}', 'xy', []],
    ['${NONE:-${TAG}}', '7', []],
    ['${TAG:+set}${NONE:+set}${EMPTY:+x}${EMPTY+y}', 'sety', []],
    ['a${NONE}b', 'ab', ['NONE']],
    ['100%$', '100%$', []],
    ['${not closed', '${not closed', []],
  ])('%s becomes %s', (text, expanded, unset) => expect(interpolate(text, env)).toEqual({ text: expanded, unset }))

  test('a demand that is not met is told', () =>
    expect(interpolate('${NONE:?say it}', env).required).toBe('NONE: say it'))

  const file = `x-build: &build
  context: ./src
  args: { VERSION: "\${TAG}", DEBUG: true }
services:
  app:
    build:
      <<: *build
      dockerfile: Dockerfile.prod
      target: final
      cache_from: [x]
      shm_size: 1g
  short: { build: ../other }
  list: { platform: linux/amd64, build: { context: ., args: [A, B=b, MISSING] } }
  image: { image: postgres }
  inline:
    build:
      dockerfile_inline: "FROM \${TAG}\\nRUN echo $\${HOME}"
      additional_contexts: { lib: ../lib, base: docker-image://alpine:3 }
      platforms: [linux/amd64, linux/arm64]
      cache_to: [type=inline]
      ssh: [default, other=/run/agent]
      secrets:
        - token
        - { source: npm, target: npmrc }
  extended: { extends: app }
  demanding: { build: { context: "\${NONE:?set NONE}" } }
  unset: { build: { context: "\${NONE}/app" } }
  unsetfile: { build: { dockerfile: "\${NONE}Dockerfile" } }
  other: { build: { additional_contexts: [ "base=service:app" ] } }
  nosecret: { build: { secrets: [ external ] } }
  both: { build: { dockerfile: a, dockerfile_inline: b } }
  network: { build: { network: host } }
secrets:
  token: { environment: TOKEN }
  npm: { file: ./npmrc }
  external: { external: true }
`
  const read = (service: string, text = file): ComposeBuild => readComposeBuild(text, 'compose.yml', service, env)

  test('context, dockerfile, target, arguments and merges are read', () => {
    expect(read('app')).toEqual({
      context: './src',
      dockerfile: 'Dockerfile.prod',
      target: 'final',
      args: { VERSION: '7', DEBUG: 'true' },
      platforms: [],
      contexts: {},
      secrets: [],
      ssh: [],
      cacheFrom: ['x'],
      cacheTo: [],
      notes: ['compose settings that forge leaves aside: shm_size'],
    })
    expect(read('short')).toMatchObject({ context: '../other', dockerfile: 'Dockerfile', args: {} })
    expect(read('list')).toMatchObject({ args: { A: 'a', B: 'b' }, platforms: ['linux/amd64'] })
  })

  test('a Dockerfile in the file itself, more contexts, secrets, ssh and platforms are read', () => {
    expect(read('inline')).toMatchObject({
      context: '.',
      inline: 'FROM 7\nRUN echo ${HOME}',
      contexts: { lib: '../lib', base: 'docker-image://alpine:3' },
      platforms: ['linux/amd64', 'linux/arm64'],
      cacheTo: ['type=inline'],
      ssh: ['default', 'other=/run/agent'],
      secrets: [
        { id: 'token', source: { kind: 'env', name: 'TOKEN', at: { line: 23 } } },
        { id: 'npmrc', source: { kind: 'file', file: './npmrc', at: { line: 24 } } },
      ],
      notes: [],
    })
  })

  test.each([
    [
      'nothing',
      'compose.yml has no service nothing (it has: app, short, list, image, inline, extended, demanding, unset, unsetfile, other, nosecret, both, network)',
      5,
    ],
    ['image', 'service image of compose.yml has no build section', 14],
    ['extended', 'service extended of compose.yml extends another one, which forge does not follow', 25],
    ['demanding', 'service demanding of compose.yml needs a variable: NONE: set NONE', 26],
    ['unset', 'service unset of compose.yml names its context by NONE, which is not set', 27],
    ['unsetfile', 'service unsetfile of compose.yml names its dockerfile by NONE, which is not set', 28],
    ['other', 'service other of compose.yml is built with the context service:app, which forge does not follow', 29],
    [
      'nosecret',
      'service nosecret of compose.yml takes the secret external, which is neither a file nor an environment variable there',
      30,
    ],
    ['both', 'service both of compose.yml has both dockerfile and dockerfile_inline', 31],
    ['network', 'service network of compose.yml is built with network, which forge does not do', 32],
  ])('service %s is refused with its line', (service, message, line) => {
    expect(() => read(service)).toThrow(
      expect.objectContaining({
        code: 'E_IMAGE_COMPOSE',
        message,
        details: expect.objectContaining({ where: expect.stringMatching(`^compose.yml:${line}(?::|$)`) }),
      }),
    )
  })

  test('what is not YAML is refused with its line', () => {
    expect(() => read('app', 'services:\n  app: {')).toThrow(
      expect.objectContaining({
        code: 'E_IMAGE_COMPOSE',
        message: expect.stringMatching(/^compose\.yml cannot be read: /u),
        details: expect.objectContaining({ where: 'compose.yml:2' }),
      }),
    )
  })

  test('tags of its own are let through, and a commit is no number', () => {
    const text = 'services:\n  app: { ports: !reset [], build: { context: ., args: { COMMIT: 12e4567 } } }\n'
    expect(read('app', text)).toMatchObject({ args: { COMMIT: '12e4567' } })
  })

  test.each([
    ['keys that are maps', '? '.repeat(500)],
    ['maps without names', ': '.repeat(5000)],
    ['lists', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    [
      'aliases',
      Array.from({ length: 12 }, (_, at) => `a${at}: &a${at} [${`*a${at - 1},`.repeat(at === 0 ? 0 : 9)}]`).join('\n'),
    ],
  ])('what is nested without end is refused, soon: %s', (_, text) => {
    const begin = performance.now()
    expect(() => read('app', text)).toThrow(expect.objectContaining({ code: 'E_IMAGE_COMPOSE' }))
    expect(performance.now() - begin).toBeLessThan(10_000)
  })
})

test('the line of the step', () => {
  expect(
    imagesSummary([
      { name: 'app', what: 'pushed' },
      { name: 'postgres', what: 'unchanged' },
    ]),
  ).toBe('app built and pushed, postgres unchanged')
  expect(
    imagesSummary([
      { name: 'app', what: 'simulated' },
      { name: 'db', what: 'given' },
    ]),
  ).toBe('app not built: simulated nodes pull nothing, db as forge.yaml gives it')
})
