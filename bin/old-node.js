import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** In a checkout the right Node is a dev dependency: `bin/forge.js` then works with any Node from 20. */
export async function runWithNewerNode() {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
  if (!existsSync(node)) {
    process.stderr.write(`forge needs Node 22.19 or newer; this is ${process.versions.node}.\n`)
    process.exitCode = 1
    return
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  // Ctrl-C reaches both; the child decides how to end, and this waits for it.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [status] = await new Promise((resolve, reject) => {
    child.on('exit', (...end) => resolve(end))
    child.on('error', reject)
  })
  process.exitCode = status ?? 1
}
