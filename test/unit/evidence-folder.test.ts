import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { evidenceFolders, evidenceIn, stateHome } from '../../src/adapters/evidence/folders.ts'

describe('the folder on this machine', () => {
  let state = ''
  beforeAll(async () => (state = await mkdtemp(join(tmpdir(), 'forge-evidence-'))))
  afterAll(async () => await rm(state, { recursive: true, force: true }))

  test('is for its owner only, and is never written over', async () => {
    const store = evidenceFolders(state)
    const place = { project: 'api-forge', environment: 'prod', deploy: 43 }
    const first = await store.open(place)
    await first.write('logs/app-1.app.log', 'x')
    const second = await store.open(place)
    expect([first.path, second.path]).toEqual([
      join(state, 'forge/api-forge/prod/43'),
      join(state, 'forge/api-forge/prod/43-2'),
    ])
    expect(await readFile(join(first.path, 'logs/app-1.app.log'), 'utf8')).toBe('x')
    const modes = await Promise.all(
      [join(state, 'forge'), first.path, join(first.path, 'logs'), join(first.path, 'logs/app-1.app.log')].map(
        async (path) => (await stat(path)).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o700, 0o700, 0o700, 0o600])
  })

  test('no name leads out of it', async () => {
    const folder = await evidenceFolders(state).open({ project: '..', environment: 'a/../../b', deploy: 1 })
    await folder.write('../../x', 'y')
    expect(folder.path).toBe(join(state, 'forge/_../a_.._.._b/1'))
    expect(await readFile(join(folder.path, '_../_../x'), 'utf8')).toBe('y')
  })

  test.each([
    [{ XDG_STATE_HOME: '/x' }, '/x'],
    [{ XDG_STATE_HOME: 'relative' }, '/home/me/.local/state'],
    [{}, '/home/me/.local/state'],
  ])('%j: below %s', (env, path) => expect(stateHome(env, '/home/me')).toBe(path))
})

describe('--evidence DIR', () => {
  let base = ''
  const place = { project: 'api-forge', environment: 'prod', deploy: 43 }
  beforeAll(async () => (base = await mkdtemp(join(tmpdir(), 'forge-evidence-'))))
  afterAll(async () => await rm(base, { recursive: true, force: true }))

  test('is the folder itself where it is missing or empty, and never a second time', async () => {
    const store = await evidenceIn(join(base, 'a', 'evidence'))
    const first = await store.open(place)
    await first.write('index.txt', 'x')
    expect([first.path, (await store.open(place)).path]).toEqual([
      join(base, 'a', 'evidence'),
      join(base, 'a', 'evidence-2'),
    ])
  })

  test('is refused before anything else where a file is in the way', async () => {
    await writeFile(join(base, 'file'), '')
    await expect(evidenceIn(join(base, 'file', 'evidence'))).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' })
  })
})
