// All checks of the repository, in the order in which they fail fastest: `npm test`, which is what CI runs.
// `node scripts/test.mjs unit` (or action, browser, charts, cluster, faults, fuzz, images, kill, parsers, plans, promise, real, rehearse, rules, vault) runs one kind of Jest test; further arguments go to Jest (-t NAME).
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const root = new URL('..', import.meta.url).pathname
process.chdir(root)
const [only, ...more] = process.argv.slice(2)
const totals = { passed: 0, failed: 0, skipped: 0 }
// Of this run, removed with it: reports, and what the tests put into the temporary folder.
const folder = mkdtempSync(join(tmpdir(), 'forge-test-'))

/** Runs a program; a check counts as one test. */
function check(title, file, args, options = {}) {
  const begin = performance.now()
  process.stdout.write(`\n== ${title}\n`)
  const { status, error } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
  told(title, begin, status, error)
}

function told(title, begin, status, error) {
  const passed = status === 0
  totals[passed ? 'passed' : 'failed'] += 1
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  process.stdout.write(
    `${passed ? '✔' : '✖'} ${title} (${seconds} s)${error === undefined ? '' : `: ${error.message}`}\n`,
  )
}

/** The same while others run: what it prints is shown in one piece when it has ended. */
async function checkBeside(title, file, args) {
  const begin = performance.now()
  const running = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => {
    running.once('error', (error) => resolve({ error }))
    running.once('close', (status) => resolve({ status }))
  })
  const [{ status, error }, ...printed] = await Promise.all([ended, text(running.stdout), text(running.stderr)])
  process.stdout.write(`\n== ${title}\n${printed.join('')}`)
  told(title, begin, status, error)
}

/** Jest counts its own tests; a run without a result file is one failure. */
function jest(kinds, args = []) {
  const [kind] = kinds
  const report = join(folder, `${kind}.json`)
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js']
  process.stdout.write(`\n== ${kinds.join(' and ')} tests\n`)
  // Unit tests wait for nothing real; one that hangs should say so at once.
  const limit = kind === 'unit' ? ['--testTimeout=15000'] : []
  // A real node has so much room: a test that fills it on purpose would leave the stack of another file without.
  // So it is where each file has a control plane of its own beside the one of the tests.
  const alone = kind === 'real' || kind === 'rehearse' ? ['--maxWorkers=1'] : []
  // A test on the sandbox waits for more than half of its time: three files keep two cores busy.
  const more = kind === 'cluster' ? ['--maxWorkers=3'] : []
  const options = [
    '--selectProjects',
    ...kinds,
    ...limit,
    ...alone,
    ...more,
    '--json',
    `--outputFile=${report}`,
    ...args,
  ]
  const { status } = spawnSync(process.execPath, [...node, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  })
  const found = read(report)
  if (found === undefined || (status !== 0 && found.failed === 0)) totals.failed += 1
  for (const key of Object.keys(totals)) totals[key] += found?.[key] ?? 0
}

function read(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    return {
      passed: numPassedTests,
      failed: numFailedTests + numRuntimeErrorTestSuites,
      skipped: numPendingTests + numTodoTests,
    }
  } catch {
    return undefined
  }
}

function charts() {
  return readdirSync('k8s/charts', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `k8s/charts/${name}`)
}

async function lintCharts() {
  const { findHelm } = await import('../src/adapters/tools/helm.ts')
  const { path } = await findHelm({
    signal: new AbortController().signal,
    progress: (text) => process.stdout.write(`${text}\n`),
  })
  for (const chart of charts()) {
    for (const file of readdirSync(join(chart, 'ci'))) {
      check(`helm lint ${chart} with ci/${file}`, path, [
        'lint',
        '--strict',
        '--quiet',
        chart,
        '--values',
        join(chart, 'ci', file),
      ])
    }
  }
}

/** Each of them has work for one core: the longest beside the others. */
async function everything() {
  const one = checkBeside('eslint', 'eslint', ['--max-warnings', '0', '.'])
  await checkBeside('prettier', 'prettier', ['--check', '--log-level', 'warn', '.'])
  await checkBeside('types', 'tsc', ['--noEmit', '--project', '.'])
  await one
  check('build', process.execPath, ['scripts/build.mjs'])
}

try {
  if (only === undefined) {
    await everything()
    jest(['unit'])
    check('charts: README is current', process.execPath, ['k8s/charts/generate-readme.mjs', '--check'])
    const { LEAN_GO } = await import('../src/adapters/tools/go.ts')
    // The same flags as the build of the sandbox, so that both share Go's cache.
    check('sandbox: binary', process.execPath, ['bin/forge.js', 'sandbox', 'build'])
    const pure = { cwd: 'k8s/sandbox', env: { ...process.env, GOFLAGS: LEAN_GO.join(' '), CGO_ENABLED: '0' } }
    check('sandbox: go vet', 'go', ['vet', './...'], pure)
    check('sandbox: go test', 'go', ['test', './...'], pure)
    await lintCharts()
    // The tests of plans and upgrades run with both major versions; built here, where it can be seen.
    check('helm 3 and 4 for the tests', process.execPath, ['bench/helms.ts', '--build'])
    // Secrets are read with the real programs.
    check('sops and age for the tests', process.execPath, ['test/support/sops.ts', '--build'])
    jest(['cluster', 'faults'])
  } else jest([only], more)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`)
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
