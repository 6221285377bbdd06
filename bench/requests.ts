/**
 * Loaded into forge with `node --import`: appends how many requests the process has sent when it ends to the file
 * FORGE_BENCH_REQUESTS. undici says so itself (https://undici.nodejs.org/#/docs/api/DiagnosticsChannel).
 */
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'

const file = process.env['FORGE_BENCH_REQUESTS']
let sent = 0
subscribe('undici:request:create', () => {
  sent += 1
})
process.on('exit', () => {
  if (file !== undefined && process.argv.includes('deploy')) appendFileSync(file, `${sent}\n`)
})
