import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from '@jest/globals'
import type { Session } from '../../src/cli/session.ts'
import { visible } from '../../src/domain/redact/inert.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'

export const SECRET = 'tops3cret-value-of-a-token'

/** forge is started in a folder of its own in each test, with no browser left from another. `tell`: its real path. */
export function inFolder(tell: (path: string) => void): void {
  const here = process.cwd()
  let folder = ''
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'forge-pages-')))
    process.chdir(folder)
    tell(folder)
  })
  afterEach(async () => {
    process.chdir(here)
    delete process.env['BROWSER']
    await rm(folder, { recursive: true, force: true })
  })
}

/** What closes a command of a session, which knows `SECRET`. */
export function closingSession(typed: readonly string[], json = false): Session {
  const redactor = new Redactor()
  redactor.add(SECRET)
  const here = { typed, given: {}, cluster: undefined, helm: undefined, conceals: () => false }
  const { signal } = new AbortController()
  const output = { shown: (text: string) => visible(redactor.text(text)) }
  return { json, here, signal, output, redactor, saw: () => undefined } as unknown as Session
}
