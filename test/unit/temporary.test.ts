import { spawn } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { isGone, OWNER } from '../../src/adapters/files/owner.ts'
import { removeLeft, replaceFile, temporaryFolder } from '../../src/adapters/files/temporary.ts'

const [PID = '', START = '', PLACE = ''] = OWNER.split('.')
/** Of no process: Linux counts to 4194304, macOS to 99998. */
const DEAD = `99999999.${START}.${PLACE}`

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-left-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})

const folderOf = (owner: string, purpose = 'render'): string => join(dir, `forge-${purpose}-${owner}-aB3xY9`)

/** Anything that lives; ended by the caller. */
function someProcess(): { readonly pid: number; readonly end: () => Promise<void> } {
  const child = spawn('sleep', ['60'])
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    pid: child.pid ?? 0,
    end: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

describe('whether a process has gone', () => {
  test('this one has not; one whose number nobody has, has', () => {
    expect([isGone(OWNER), isGone(DEAD)]).toEqual([false, true])
  })

  test('a number that another process has by now', () => {
    expect(isGone(`${PID}.${START}x.${PLACE}`)).toBe(process.platform === 'linux')
  })

  test('a process of another user is there, even though it may not be spoken to', () => {
    // Process 1 belongs to root, and its start is not known here.
    expect(isGone(`1.0.${PLACE}`)).toBe(false)
  })

  test('nothing is known of another machine, another boot or another container', () => {
    expect([isGone(`99999999.${START}.00000000`), isGone('nonsense')]).toEqual([false, false])
  })

  test('one that was killed', async () => {
    const one = someProcess()
    const owner = `${one.pid}.0.${PLACE}`
    const before = isGone(owner)
    await one.end()
    expect([before, isGone(owner)]).toEqual([false, true])
  })
})

describe('what is left in a temporary folder', () => {
  test('of a forge that is gone: removed, with all that is in it, but nothing that it points to', async () => {
    await mkdir(join(folderOf(DEAD), 'deep'), { recursive: true })
    await writeFile(join(dir, 'precious'), 'x')
    await symlink(join(dir, 'precious'), join(folderOf(DEAD), 'deep', 'link'))
    await writeFile(join(dir, `.forge-${DEAD}-0a1b2c3d.tmp`), 'half')
    await removeLeft(dir)
    expect(await readdir(dir)).toEqual(['precious'])
  })

  test('of a forge that lives, of somebody else, or of unknown making: stays', async () => {
    const names = [folderOf(OWNER), folderOf(`99999999.${START}.00000000`), join(dir, 'forge-render-aB3xY9')]
    for (const name of names) await mkdir(name)
    await writeFile(join(dir, `.forge-${OWNER}-0a1b2c3d.tmp`), 'half')
    await removeLeft(dir)
    expect(await readdir(dir)).toHaveLength(4)
  })

  test('a link in the place of a folder is not followed, and not removed', async () => {
    await mkdir(join(dir, 'target'))
    await writeFile(join(dir, 'target', 'precious'), 'x')
    await symlink(join(dir, 'target'), folderOf(DEAD))
    await removeLeft(dir)
    expect((await lstat(folderOf(DEAD))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(dir, 'target', 'precious'), 'utf8')).toBe('x')
  })

  test('of another boot: after a week, when nothing that runs can have made it', async () => {
    const foreign = folderOf(`99999999.${START}.00000000`)
    await mkdir(foreign)
    const then = new Date(Date.now() - 8 * 86_400_000)
    await utimes(foreign, then, then)
    await removeLeft(dir)
    expect(await readdir(dir)).toEqual([])
  })

  test('a folder that cannot be read is nobody’s concern', async () => {
    await expect(removeLeft(join(dir, 'not-there'))).resolves.toBeUndefined()
  })
})

test('a new folder is its owner’s alone, says who made it, and takes away what was left', async () => {
  await mkdir(folderOf(DEAD, 'image'))
  const path = await temporaryFolder('render', dir)
  expect((await lstat(path)).mode & 0o777).toBe(0o700)
  expect(await readdir(dir)).toEqual([expect.stringContaining(`forge-render-${OWNER}-`)])
})

test('a file is replaced whole, and what a killed forge left of one beside it goes', async () => {
  await writeFile(join(dir, `.forge-${DEAD}-0a1b2c3d.tmp`), 'half a password')
  await replaceFile(join(dir, 'pw.txt'), 'secret', 0o600)
  expect((await lstat(join(dir, 'pw.txt'))).mode & 0o777).toBe(0o600)
  expect(await readdir(dir)).toEqual(['pw.txt'])
})
