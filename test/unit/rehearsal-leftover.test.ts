import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { OWNER } from '../../src/adapters/files/owner.ts'
import { rehearsalName, stopLeftovers } from '../../src/adapters/sandbox/leftover.ts'

const [pid = '', start = '', place = ''] = OWNER.split('.')
const OTHER_PLACE = 'f'.repeat(8)

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'leftover-'))
})

afterEach(async () => {
  await rm(home, { recursive: true, force: true })
})

test.each([
  ['of this run', rehearsalName(1), 0, true],
  ['of a run whose number another process has by now', `rehearsal-${pid}-1a2b-${place}-1`, 0, false],
  ['of a run that has ended', `rehearsal-4194303-${start}-${place}-2`, 0, false],
  ['of another container, new', `rehearsal-${pid}-${start}-${OTHER_PLACE}-1`, 0, true],
  ['of another container, or from before a reboot', `rehearsal-${pid}-${start}-${OTHER_PLACE}-1`, 2, false],
  ['that a person has made', 'rehearsal-1', 100, true],
])('the sandbox of a rehearsal %s (%s, %i h old) stays: %s', async (_, name, hours, stays) => {
  const folder = join(home, 'forge', 'sandbox', name)
  await mkdir(folder, { recursive: true })
  const then = new Date(Date.now() - hours * 3_600_000)
  await utimes(folder, then, then)
  await stopLeftovers({ XDG_STATE_HOME: home }, AbortSignal.timeout(10_000))
  expect(await readdir(join(home, 'forge', 'sandbox'))).toEqual(stays ? [name] : [])
})

test.each([
  [`rehearsal-4194303-${start}-${place}-2`, 0, false],
  [`rehearsal-${pid}-${start}-${OTHER_PLACE}-1`, 0, true],
  [`rehearsal-${pid}-${start}-${OTHER_PLACE}-1`, 2, false],
  ['mine', 100, true],
])('what a start that was killed leaves beside it (%s.lock, %i h old) stays: %s', async (name, hours, stays) => {
  const folder = join(home, 'forge', 'sandbox')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.lock`), '')
  const then = new Date(Date.now() - hours * 3_600_000)
  await utimes(join(folder, `${name}.lock`), then, then)
  await stopLeftovers({ XDG_STATE_HOME: home }, AbortSignal.timeout(10_000))
  expect(await readdir(folder)).toEqual(stays ? [`${name}.lock`] : [])
})

test('its name is one that a sandbox can have', () => {
  expect(rehearsalName(12)).toMatch(/^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$/u)
})
