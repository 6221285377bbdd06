import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openFiles } from '../../src/adapters/files/files.ts'
import { git, openSources } from '../../src/adapters/files/sources.ts'
import { failure } from '../support/project-ports.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-files-'))
})
afterAll(async () => {
  await rm(dir, { recursive: true })
})

const { signal } = new AbortController()

describe('files', () => {
  test('what is not there is undefined, whatever stands in its way', async () => {
    const files = openFiles(dir)
    await writeFile(join(dir, 'plain'), 'x')
    expect(await files.read('none')).toBeUndefined()
    expect(await files.readBytes('plain/inside')).toBeUndefined()
    expect([await files.exists('plain'), await files.exists('none')]).toEqual([true, false])
  })

  test('a private file: its mode, its folder, and nothing left beside it', async () => {
    await openFiles(dir).write('keys/deep/pw.txt', 'secret', 0o600)
    expect((await stat(join(dir, 'keys/deep/pw.txt'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(dir, 'keys/deep'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(dir, 'keys/deep'))).toEqual(['pw.txt'])
  })

  test('a folder in the place of a file', async () => {
    expect(await failure(openFiles(dir).read('.'))).toMatchObject({
      code: 'E_FILE_UNREADABLE',
      message: `${dir} cannot be read: it is a folder`,
    })
    expect(await failure(openFiles(join(dir, 'plain')).write('x', 'y'))).toMatchObject({ code: 'E_FILE_UNWRITABLE' })
  })
})

describe('sources', () => {
  const sources = openSources({ A: 'x' })

  test('environment variables and commands, which no shell sees', async () => {
    expect([sources.env('A'), sources.env('B')]).toEqual(['x', undefined])
    expect(await sources.command(['printf', '%s\n', '$HOME; echo no'], dir, signal)).toBe('$HOME; echo no\n')
  })

  test.each([
    ['is not installed', ['forge-has-no-such-program'], 'command forge-has-no-such-program is not installed'],
    ['fails', ['sh', '-c', 'echo first >&2; echo second >&2; exit 3'], 'command sh exited with status 3: first'],
  ])('a command that %s', async (_, argv, message) => {
    expect(await failure(sources.command(argv, dir, signal))).toMatchObject({ code: 'E_SOURCE_COMMAND', message })
  })

  test('a command ends with its signal', async () => {
    const controller = new AbortController()
    const running = sources.command(['sleep', '30'], dir, controller.signal)
    controller.abort(new Error('stopped'))
    await expect(running).rejects.toThrow('stopped')
  })

  test('git knows nothing outside a repository', async () => {
    expect(await git.ignores(join(dir, 'plain'), signal)).toBeUndefined()
  })
})
