import { describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sandboxName } from '../../src/adapters/sandbox/sandbox.ts'
import { GoProgress, leftText } from '../../src/adapters/tools/go-progress.ts'
import { OWNER } from '../../src/adapters/files/owner.ts'
import { withLock } from '../../src/adapters/tools/lock.ts'
import { parseVersion } from '../../src/adapters/tools/versions.ts'
import { differences, sandboxRows } from '../../src/domain/sandbox/screen.ts'
import type { SandboxState } from '../../src/domain/sandbox/model.ts'

describe('the progress of a Go build', () => {
  test('counts modules, then packages, then forecasts', () => {
    let now = 0
    const progress = new GoProgress(1000, () => now, 2)
    expect(progress.see('go: downloading k8s.io/api v0.36.3')).toBe('fetching Go modules, 1 so far')
    expect(progress.see('# a compiler message')).toBeUndefined()
    for (let package_ = 1; package_ <= 99; package_ += 1) {
      progress.see(`example.test/p${package_}`)
      now += 200
    }
    expect(progress.see('example.test/p100')).toBe('100 of 1000 packages, about 2 min left')
  })

  test('does not forecast from the first few packages', () => {
    const progress = new GoProgress(1000, () => 60_000, 2)
    expect(progress.see('example.test/only')).toBe('1 of 1000 packages')
  })

  test('ends with linking', () => {
    const progress = new GoProgress(2, () => 0, 2)
    progress.see('example.test/one')
    expect(progress.see('example.test/two')).toBe('2 of 2 packages, linking')
  })

  test.each([
    [200, 'about 3 min left'],
    [89, 'about 90 s left'],
    [3, 'about 10 s left'],
  ])('%d seconds are %s', (seconds, text) => expect(leftText(seconds)).toBe(text))
})

test.each([
  ['v4.3.1', { major: 4, minor: 3, patch: 1 }],
  ['v4.3', { major: 4, minor: 3, patch: 0 }],
  ['3.14.0+g3fc9f4b', { major: 3, minor: 14, patch: 0 }],
  ['v4.0.0-rc.1', { major: 4, minor: 0, patch: 0 }],
  ['unknown', undefined],
])('the version in %s', (text, version) => expect(parseVersion(text)).toEqual(version))

describe('the name of a sandbox', () => {
  test.each([
    ['the flag', 'mine', { FORGE_SANDBOX: 'other' }, 'mine'],
    ['the variable', undefined, { FORGE_SANDBOX: 'other' }, 'other'],
    ['neither', undefined, {}, 'default'],
    ['an empty variable', undefined, { FORGE_SANDBOX: '' }, 'default'],
  ])('from %s', (_, flag, env, name) => expect(sandboxName(flag, env)).toBe(name))

  test.each(['', '..', 'a/b', 'Big', '-x', 'x'.repeat(41)])('is not %j', (name) =>
    expect(() => sandboxName(name, {})).toThrow('is not a valid name for a sandbox'),
  )
})

test('what was asked for and is otherwise is told', () => {
  const state = { nodes: 3, cpu: '8', memory: '16Gi', latency: 'instant' } as SandboxState
  expect(differences({ name: 'x', nodes: 10, cpu: '8' }, state)).toEqual(['nodes 10 (runs with 3)'])
  expect(differences({ name: 'x', kubernetes: '1.36' }, { ...state, kubernetes: 'v1.37.1' })).toEqual([
    'kubernetes 1.36 (runs with 1.37)',
  ])
  expect(differences({ name: 'x', kubernetes: '1.36' }, { ...state, kubernetes: 'v1.36.0' })).toEqual([])
  expect(differences({ name: 'x', kubernetes: '1.36.3-gke.1' }, { ...state, kubernetes: 'v1.36.3-gke.1' })).toEqual([])
  expect(differences({ name: 'x', kubernetes: 'v1.36.3' }, { ...state, kubernetes: 'v1.36.0' })).toEqual([
    'kubernetes v1.36.3 (runs with v1.36.0)',
  ])
})

test('a sandbox without nodes of its own does not say how big each is', () => {
  const state = { name: 'x', nodes: 0, cpu: '8', memory: '16Gi', latency: 'instant', startedAt: '' } as SandboxState
  expect(sandboxRows(state)[1]).toBe('nodes       none of its own, latency instant')
})

describe('the lock around a build', () => {
  const signal = AbortSignal.timeout(20_000)

  test('lets one in at a time, and is gone afterwards', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forge-lock-'))
    const order: string[] = []
    let waited = 0
    const work = async (name: string): Promise<void> =>
      withLock(join(folder, 'lock'), { signal, onWait: () => (waited += 1) }, async () => {
        order.push(`${name} in`)
        await new Promise((resolve) => setTimeout(resolve, 50))
        order.push(`${name} out`)
      })
    await Promise.all([work('a'), work('b')])
    expect(order).toEqual(order[0] === 'a in' ? ['a in', 'a out', 'b in', 'b out'] : ['b in', 'b out', 'a in', 'a out'])
    expect(waited).toBeGreaterThan(0)
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  test('of a process that is gone does not count', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forge-lock-'))
    await writeFile(join(folder, 'lock'), `99999999.${OWNER.split('.').slice(1).join('.')} x`)
    const waited: true[] = []
    await expect(
      withLock(join(folder, 'lock'), { signal, onWait: () => void waited.push(true) }, () => Promise.resolve(7)),
    ).resolves.toBe(7)
    expect(waited).toEqual([])
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  test.each([
    ['is empty', ''],
    ['was never written out', '\0'.repeat(40)],
    ['holds something else', 'a text\n'],
  ])('does not block where its file %s: its machine went down', async (_, content) => {
    const folder = await mkdtemp(join(tmpdir(), 'forge-lock-'))
    await writeFile(join(folder, 'lock'), content)
    const waiting = { signal: AbortSignal.timeout(5000), onWait: () => undefined }
    await expect(withLock(join(folder, 'lock'), waiting, () => Promise.resolve(7))).resolves.toBe(7)
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  test('of one that is gone goes to one only of many who wait for it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forge-lock-'))
    await writeFile(join(folder, 'lock'), `99999999.${OWNER.split('.').slice(1).join('.')} x`)
    let inside = 0
    const most: number[] = []
    const work = async (): Promise<void> =>
      await withLock(join(folder, 'lock'), { signal, onWait: () => undefined }, async () => {
        most.push((inside += 1))
        await new Promise((resolve) => setTimeout(resolve, 2))
        inside -= 1
      })
    await Promise.all(Array.from({ length: 20 }, work))
    expect(most).toEqual(Array.from({ length: 20 }, () => 1))
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  test('can be given up waiting for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forge-lock-'))
    await writeFile(join(folder, 'lock'), `${OWNER} x`)
    const stop = new AbortController()
    const waiting = withLock(
      join(folder, 'lock'),
      { signal: stop.signal, onWait: () => stop.abort(new Error('enough')) },
      () => Promise.resolve(),
    )
    await expect(waiting).rejects.toThrow('enough')
    await rm(folder, { recursive: true })
  })
})
