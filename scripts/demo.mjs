// `npm run demo`: the example stack on a control plane of this machine. Run again, it is quick and changes nothing.
import { $ } from 'zx'

const root = new URL('..', import.meta.url).pathname
const example = `${root}examples/api-forge`

const shell = $({ cwd: example, stdio: 'inherit', nothrow: true, verbose: false })

/** Stops at the first command that fails, with its exit status: forge has said why. */
async function run(title, args, sh = shell) {
  if (title !== undefined) process.stderr.write(`\n$ ${title}\n`)
  const { exitCode } = await sh`${process.execPath} ${args}`
  if (exitCode === 0) return
  process.exitCode = exitCode ?? 1
  throw new Error('stopped')
}

const forge = async (...args) => await run(`forge ${args.join(' ')}`, [`${root}bin/forge.js`, ...args])

try {
  // A second; a stale build would demonstrate the past.
  await run(undefined, [`${root}scripts/build.mjs`], shell({ cwd: root }))
  await forge('sandbox', 'up', '--latency', 'realistic')
  await forge('secrets', 'generate', '--env', 'sandbox')
  await forge('deploy', '--env', 'sandbox')
  process.stderr.write(`
Next, from ${process.cwd()}:
  change   edit LOG_LEVEL in examples/api-forge/.env, then npm run demo
           (only the pods that read it restart)
  break    cd examples/api-forge
           ../../bin/forge.js deploy -e sandbox --set app.image=a.invalid/app:1
           (the deploy fails, says why, and everything is as before)
  stop     bin/forge.js sandbox down
`)
} catch (error) {
  if (error instanceof Error && error.message !== 'stopped') throw error
}
