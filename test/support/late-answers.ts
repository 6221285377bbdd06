/**
 * Gives many requests up a moment before their answers, and ends the connections: Node tells of the streams that are
 * left over in between, at some of these moments. Ends with status 0 unless that ended the process.
 */
import { once } from 'node:events'
import { createSecureServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'

if (process.argv.includes('--heard')) await import('../../src/adapters/kubernetes/credentials.ts')

const { certificate: cert, key } = await secretMaker.authority({ name: 'api', now: Date.now(), days: 1 })
const server = createSecureServer({ cert, key }).listen(0, '127.0.0.1')
server.on('stream', (stream: ServerHttp2Stream) => {
  stream.on('error', () => undefined)
  stream.respond({ ':status': 200 })
  stream.write('answer')
})
await once(server, 'listening')
const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`

for (let round = 0; round < 120; round += 1) {
  const agent = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } })
  const first = await agent.request({ origin, path: '/', method: 'GET' })
  first.body.on('error', () => undefined)
  const giveUp = new AbortController()
  for (let count = 0; count < 20; count += 1)
    agent.request({ origin, path: '/', method: 'GET', signal: giveUp.signal }).catch(() => undefined)
  for (let turn = 0; turn < round % 4; turn += 1) await new Promise(setImmediate)
  giveUp.abort()
  for (let turn = 0; turn < round % 13; turn += 1) await new Promise(setImmediate)
  await agent.destroy()
}
server.close()
