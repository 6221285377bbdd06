import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Output } from '../../src/cli/output.ts'
import { openSession, type Session } from '../../src/cli/session.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'

let home: string
const before = process.env['XDG_STATE_HOME']

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'forge-session-'))
  process.env['XDG_STATE_HOME'] = home
})
afterEach(async () => {
  if (before === undefined) delete process.env['XDG_STATE_HOME']
  else process.env['XDG_STATE_HOME'] = before
  await rm(home, { recursive: true })
})

function open(): Session {
  const output = { redactor: new Redactor(), shown: (text: string) => text } as unknown as Output
  return openSession({}, { command: 'plan', version: '0', json: true, untrusted: undefined }, output)
}

test('what is to run at the end of a command runs, the last first, though one of it fails', async () => {
  const listeners = (): number => process.listenerCount('SIGINT')
  const idle = listeners()
  const session = open()
  const ran: string[] = []
  session.onClose(() => void ran.push('connection'))
  session.onClose(async () => await Promise.reject(new Error('the sandbox does not end')))
  session.onClose(() => void ran.push('events'))
  expect(listeners()).toBe(idle + 1)
  await expect(session.close()).rejects.toThrow('the sandbox does not end')
  expect({ ran, listeners: listeners() }).toEqual({ ran: ['events', 'connection'], listeners: idle })
})
