import { expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Way } from '../../src/flows/look/way.ts'

const pod = (name: string, isReady: boolean): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, namespace: 'shop' },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
})

function wayOf(...reasons: readonly string[]) {
  const lines: string[] = []
  const left = [...reasons]
  const asked = { count: 0 }
  const why = async (): Promise<string> => {
    asked.count += 1
    return await Promise.resolve(left.shift() ?? 'no more reasons')
  }
  const way = new Way(pod('a', true), { target: 80 }, { note: (text) => void lines.push(text), why })
  const choose = async (...pods: readonly KubeObject[]): Promise<void> => {
    way.choose(pods)
    await new Promise((done) => setImmediate(done))
  }
  return { way, lines, choose, asked }
}

test('nothing is told while the pod is ready', async () => {
  const { lines, choose, asked } = wayOf()
  await choose(pod('a', true), pod('b', true))
  await choose(pod('a', true))
  expect({ lines, ...asked }).toEqual({ lines: [], count: 0 })
})

test.each([
  ['is gone', [pod('b', true)]],
  ['is not ready any more', [pod('a', false), pod('b', true)]],
])('the next one that is ready goes on where the first %s', async (what, pods) => {
  const { lines, choose } = wayOf()
  await choose(...pods)
  expect(lines).toEqual([`a ${what}; b goes on`])
})

test('why none is ready is told once for each reason, however often it is seen', async () => {
  const { lines, choose } = wayOf('none: X', 'none: X', 'none: Y', 'none: X', 'none: Y', 'none: X')
  await choose()
  for (let times = 0; times < 4; times += 1) await choose(pod('b', false))
  await choose(pod('b', true))
  await choose(pod('b', false))
  expect(lines).toEqual(['a is gone; none: X', 'none: Y', 'b goes on', 'b is not ready any more; none: X'])
})

test('one that comes before the reason is known is told alone, and many changes are one question', async () => {
  const { way, lines, choose, asked } = wayOf('late', 'later')
  for (let times = 0; times < 50; times += 1) way.choose([pod('b', false)])
  await choose(pod('b', true))
  expect({ lines, ...asked }).toEqual({ lines: ['a is gone; b goes on'], count: 1 })
})

test('a connection that comes meanwhile waits for the next pod', async () => {
  const { way, choose } = wayOf('none')
  await choose()
  const led = way.to(new AbortController().signal)
  await choose(pod('b', true))
  expect(await led).toEqual({ pod: { name: 'b', namespace: 'shop' }, port: 80 })
})

test('who waits for one that never comes is let go', async () => {
  const { way, choose } = wayOf('none')
  await choose()
  const stop = new AbortController()
  const led = way.to(stop.signal)
  stop.abort(new Error('over'))
  await expect(led).rejects.toThrow('over')
})
