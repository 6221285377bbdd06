import { createServer, type Server } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { followLife } from '../../src/adapters/sandbox/orphan.ts'
import type { SandboxState } from '../../src/domain/sandbox/model.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'life-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Stands for the processes of a sandbox, all of which hold the socket. */
async function running(): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(join(folder, 'life.sock'), resolve))
  return server
}

const state = (): SandboxState => ({
  ...{ name: 'x', nodes: 0, cpu: '8', memory: '16Gi', latency: 'instant', status: 'running', startedAt: '' },
  ...{ server: '', kubeconfig: '', socket: join(folder, 'supervisor.sock'), pid: 4_194_303, programs: null },
})

test('a sandbox of which no process is left has ended', async () => {
  const life = followLife(state())
  await expect(life.ended).resolves.toBe(true)
  life.close()
})

test('a sandbox has ended once its last process has', async () => {
  const server = await running()
  const connected = new Promise<() => void>((resolve) => {
    server.on('connection', (socket) => resolve(() => socket.destroy()))
  })
  const life = followLife(state())
  const end = await connected
  end()
  await expect(life.ended).resolves.toBe(true)
  life.close()
  server.close()
})

test('a sandbox of which a process runs on when the time is up has not ended', async () => {
  const server = await running()
  server.on('connection', (socket) => socket.resume())
  const life = followLife(state(), 20)
  await expect(life.ended).resolves.toBe(false)
  life.close()
  server.close()
})

test('a sandbox of which it cannot be told whether a process is left has not ended', async () => {
  await writeFile(join(folder, 'file'), '')
  const life = followLife({ ...state(), socket: join(folder, 'file', 'supervisor.sock') })
  await expect(life.ended).resolves.toBe(false)
  life.close()
})
