/**
 * `npm run bench:migration`: `forge migrate-to-helm` of the example's old stack beside a first `forge deploy` of the example, in one
 * run on one sandbox with instant pods, each run in a namespace of its own. Never a test.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseDocument } from 'yaml'
import { copyExample } from './example.ts'
import { helms } from './helms.ts'
import { row } from './table.ts'
import { FORGE, median, ROOT, timed } from './timing.ts'

/** What a migration may take longer than a first deploy (docs/design.md, "Speed"). */
const SLACK = 2.0
const SANDBOX = 'bench-migration'
const DEPLOYMENTS = ['postgres', 'redis', 'temporal', 'temporal-web', 'temporal-admin-tools', 'app', 'worker']

await forge('sandbox', 'up', '--name', SANDBOX, '--latency', 'instant', '--nodes', '10')
const kubeconfig = (await forge('sandbox', 'kubeconfig', '--name', SANDBOX, '--path')).trim()
const folder = await mkdtemp(join(tmpdir(), 'forge-bench-'))
try {
  for (const { path, major } of await helms()) {
    const env = { FORGE_HELM: path }
    const first = await median(async (run) => {
      const dir = await project(`deploy-helm${major}-${run}`)
      return await timed(process.execPath, [FORGE, 'deploy', '--env', 'sandbox', '-C', dir], env)
    })
    row({ what: `first forge deploy with helm ${major}, instant`, seconds: first })
    const seconds = await median(async (run) => {
      const dir = await oldStack(`migrate-helm${major}-${run}`)
      const how = ['--from', join(dir, 'overlay'), '--confirm', 'temporal-data', '--yes']
      return await timed(process.execPath, [FORGE, 'migrate-to-helm', '--env', 'sandbox', '-C', dir, ...how], env)
    })
    row({ what: `forge migrate-to-helm with helm ${major}, instant`, seconds, bound: first + SLACK })
  }
} finally {
  await forge('sandbox', 'down', '--name', SANDBOX)
  await rm(folder, { recursive: true, force: true })
}

/** The example for one namespace, which its certificates name. Making it is not timed. */
async function project(namespace: string): Promise<string> {
  const dir = join(folder, namespace)
  await copyExample(dir)
  const file = join(dir, 'forge.yaml')
  const document = parseDocument(await readFile(file, 'utf8'))
  document.setIn(['releases', 'api-forge', 'chart'], join(ROOT, 'k8s', 'charts', 'api-forge'))
  document.setIn(['environments', 'sandbox'], {
    cluster: { sandbox: SANDBOX },
    namespace,
    releases: { 'api-forge': { values: ['deploy/values.legacy.yaml'] } },
  })
  await writeFile(file, document.toString())
  await forge('secrets', 'generate', '--env', 'sandbox', '-C', dir, '--offline')
  return dir
}

/** The same, with the old stack applied by kubectl, and at rest. */
async function oldStack(namespace: string): Promise<string> {
  const dir = await project(namespace)
  const kubectl = async (...args: readonly string[]): Promise<unknown> =>
    await execa('kubectl', ['--kubeconfig', kubeconfig, '--namespace', namespace, ...args])
  await forge('secrets', 'apply', '--env', 'sandbox', '-C', dir)
  const overlay = join(dir, 'overlay')
  await mkdir(overlay)
  await writeFile(join(overlay, 'kustomization.yaml'), `namespace: ${namespace}\nresources: [../legacy]\n`)
  await kubectl('apply', '--kustomize', overlay)
  for (const name of DEPLOYMENTS) await kubectl('rollout', 'status', `deployment/${name}`, '--timeout=120s')
  await kubectl('wait', 'job', '--all', '--for=condition=complete', '--timeout=120s')
  return dir
}

async function forge(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [FORGE, ...args])
  return stdout
}
