import { document, forge } from './forge.ts'

/** The control plane that the tests of one run share; each test takes a namespace of its own. */
export interface TestSandbox {
  readonly name: string
  readonly kubeconfig: string
}

/** Workers of Jest inherit the environment of its global setup. */
const VARIABLE = 'FORGE_TEST_SANDBOX_OF_RUN'

interface Up {
  readonly context: string
  readonly sandbox: { readonly name: string; readonly kubeconfig: string }
}

/** The sandbox of this run. Throws where there is none: a test that cannot reach a cluster fails. */
export async function testSandbox(): Promise<TestSandbox> {
  const known = process.env[VARIABLE]
  if (known === undefined) throw new Error('no sandbox: run the tests with `npm run test:cluster` (-- -t NAME for one)')
  return Promise.resolve(JSON.parse(known) as TestSandbox)
}

/**
 * Starts the control plane of a run. FORGE_TEST_SANDBOX names one that is used (and started, if it is not running), and
 * kept; without it the run has one of its own, which ends with it.
 */
export async function startTestSandbox(): Promise<void> {
  const name = process.env['FORGE_TEST_SANDBOX'] ?? `test-${process.pid}`
  // Room for the stacks of all tests at once: none is removed before the run ends.
  const ran = await forge([
    'sandbox',
    'up',
    '--name',
    name,
    '--latency',
    'instant',
    '--nodes',
    '10',
    '--cpu',
    '32',
    '--memory',
    '64Gi',
    '--json',
  ])
  if (ran.status !== 0) throw new Error(`the sandbox of the tests did not start:\n${ran.stdout}\n${ran.stderr}`)
  const { sandbox } = document<Up>(ran)
  process.env[VARIABLE] = JSON.stringify({ name, kubeconfig: sandbox.kubeconfig } satisfies TestSandbox)
}

export async function stopTestSandbox(): Promise<void> {
  if (process.env['FORGE_TEST_SANDBOX'] !== undefined || process.env[VARIABLE] === undefined) return
  const { name } = await testSandbox()
  const ran = await forge(['sandbox', 'down', '--name', name])
  if (ran.status !== 0) throw new Error(`the sandbox of the tests did not end:\n${ran.stderr}`)
}
