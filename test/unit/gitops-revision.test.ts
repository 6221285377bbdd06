import { expect, test } from '@jest/globals'
import { parseRevision, revisionIs, revisionText, versionIs } from '../../src/domain/gitops/revision.ts'
import { isSameAddress } from '../../src/flows/gitops/judging.ts'
import { WANTED, OLD, DIGEST, at } from '../support/gitops-standing.ts'

test.each([
  ['main@sha1:', at(WANTED), WANTED, true],
  ['sha1:', `sha1:${WANTED}`, WANTED, true],
  ['refs/heads/main@sha1:', `refs/heads/main@sha1:${WANTED}`, WANTED, true],
  ['a bare commit', WANTED, WANTED, true],
  ['before Flux 2.0', `main/${WANTED}`, WANTED, true],
  ['a short one', at(WANTED), WANTED.slice(0, 7), true],
  ['another one', at(OLD), WANTED, false],
  ['one that only ends so', `main@sha1:${WANTED}`, WANTED.slice(8), false],
  ['an OCI digest', `v1@sha256:${DIGEST}`, `sha256:${DIGEST}`, true],
  ['a digest, and a commit is wanted', `v1@sha256:${DIGEST}`, `sha1:${DIGEST.slice(0, 40)}`, false],
  ['a version of a chart', '1.2.3', WANTED, false],
  ['nothing', undefined, WANTED, false],
])('a revision as %s', (_, revision, wanted, expected) => {
  const parsed = parseRevision(wanted)
  expect(parsed === undefined ? undefined : revisionIs(parsed, revision)).toBe(expected)
})

test.each(['HEAD', 'main', '1a2b3c', 'v1.2.3', '', 'sha1:xyz', '1a2b3c4 --upload-pack=x'])(
  '%s is no revision',
  (text) => expect(parseRevision(text)).toBeUndefined(),
)

test('how revisions are told, and the version of a chart that carries one', () => {
  expect(
    [at(WANTED), `refs/heads/main@sha1:${WANTED}`, `v1@sha256:${DIGEST}`, WANTED, '1.2.3', undefined].map(revisionText),
  ).toEqual(['main@1a2b3c4d5e6f', 'main@1a2b3c4d5e6f', 'v1@b94d27b9934d', '1a2b3c4d5e6f', '1.2.3', 'nothing'])
  expect(
    [`0.1.0+${WANTED.slice(0, 12)}`, `0.1.0+${WANTED.slice(0, 12)}.2`, `0.1.0+${OLD.slice(0, 12)}`, '0.1.0'].map(
      (one) => versionIs({ hex: WANTED }, one),
    ),
  ).toEqual([true, true, false, false])
})

test('addresses of one repository', () => {
  const same = [
    'https://github.com/me/shop',
    'https://github.com/me/shop.git',
    'ssh://git@github.com/me/shop.git',
    'git@github.com:me/shop.git',
  ]
  expect(same.map((one) => isSameAddress(one, 'https://github.com/me/shop.git'))).toEqual([true, true, true, true])
  expect([
    isSameAddress('http://git.git/shop', undefined),
    isSameAddress('https://github.com/me/other', same[0]),
  ]).toEqual([false, false])
})
