import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { configMap } from '../support/manifests.ts'
import { smallProject, type Small } from '../support/small.ts'

const packed = (text: string): string => Buffer.from(gzipSync(text).toString('base64')).toString('base64')
const GARBLED = [
  ['no base64 of anything', Buffer.from('garbled').toString('base64'), 'it is no JSON'],
  ['no gzip to its end', packed('{}').slice(0, 20), 'it is not gzip'],
  ['no JSON', packed('{'), 'it is no JSON'],
  ['no record', packed('[]'), 'it is not the record of a release'],
  ['a bomb', packed(' '.repeat(65 * 1024 * 1024)), 'it unpacks to more than 64 MiB'],
  ['a manifest that is no YAML', packed('{"manifest":"---\\n# Source: a.yaml\\na: [\\n"}'), 'a.yaml: unexpected end'],
] as const

/** No gzip, no entry, that of another deploy, one whose stages are none. */
const ENTRIES = [
  Buffer.from('garbled').toString('base64'),
  gzipSync('{}').toString('base64'),
  gzipSync('{"number":1,"state":"deployed"}').toString('base64'),
  gzipSync('{"number":2,"state":"deployed","configuration":{"stages":[null]}}').toString('base64'),
]

describe.each([3, 4] as const)('what cannot be read, with helm %i', (major) => {
  let small: Small
  let namespace: string

  beforeEach(async () => {
    namespace = freshNamespace('garbled')
    small = await smallProject(namespace, major, [configMap('a', { k: '1' })])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    await small.render([configMap('a', { k: '2' })])
    expect(await small.deploy()).toMatchObject({ status: 0 })
  })

  const garble = async (name: string, key: string, value: string): Promise<void> => {
    await kubectl(['patch', 'secret', name, '-n', namespace, '-p', JSON.stringify({ data: { [key]: value } })])
  }
  const record = (revision: number): string => `sh.helm.release.v1.small.v${revision}`

  test('an old record keeps nobody from going on, and is named by who wants it', async () => {
    await garble(record(1), 'release', GARBLED[0][1])
    const back = await small.run('rollback', [])
    expect(back).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('the record of small revision 1 cannot be read: it is no JSON') as unknown,
    })
    await small.render([configMap('a', { k: '3' })])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    expect(await small.run('rollback', [])).toMatchObject({ status: 0 })
    expect((await object('configmap', 'a', namespace))?.data).toEqual({ k: '2' })
    expect(await small.run('uninstall', ['--yes'])).toMatchObject({ status: 0 })
  })

  test('the newest record is named, with the way out', async () => {
    for (const [, value, reason] of GARBLED.slice(0, 5)) {
      await garble(record(2), 'release', value)
      const refused = {
        status: 3,
        stderr: expect.stringContaining(`the record of small revision 2 cannot be read: ${reason}`) as unknown,
      }
      expect(await small.run('plan', [])).toMatchObject(refused)
    }
    expect(await small.run('deploy', [])).toMatchObject({ status: 3 })
    expect(await small.run('uninstall', ['--yes'])).toMatchObject({ status: 3 })
    await kubectl(['delete', 'secret', record(2), '-n', namespace])
    expect(await small.deploy()).toMatchObject({ status: 0 })
  })

  test('a manifest in it that is no YAML is told, and unknown', async () => {
    await garble(record(2), 'release', GARBLED[5][1])
    const { warnings, back } = await small.plan()
    expect(warnings).toEqual([
      expect.stringContaining(`the record of small revision 2 cannot be read: ${GARBLED[5][2]}`),
    ])
    expect(back.possible).toBe('no')
  })

  test('an entry of the journal is named, and unknown', async () => {
    const told = "the journal's entry of #2 cannot be read: what it did is unknown"
    for (const value of ENTRIES) {
      await garble('forge-journal-small-2', 'entry', value)
      expect((await small.plan()).warnings).toEqual([told])
    }
    expect(await small.deploy()).toMatchObject({ status: 0 })
    expect(await small.run('uninstall', ['--yes'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(told) as unknown,
    })
  })
})
