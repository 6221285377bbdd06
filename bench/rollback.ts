/**
 * `node bench/rollback.ts`: `forge rollback` of the example beside a bare `helm rollback` that waits for nothing, in one
 * run on one sandbox with instant pods. Each run goes from one deploy to the other: app and worker restart. Never a test.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseDocument } from 'yaml'
import { copyExample } from './example.ts'
import { helms } from './helms.ts'
import { row } from './table.ts'
import { FORGE, median, ROOT, timed } from './timing.ts'

/** What a rollback may take longer than helm's own (issue 8). */
const SLACK = 1.0
const SANDBOX = 'bench-rollback'

await forge('sandbox', 'up', '--name', SANDBOX, '--latency', 'instant', '--nodes', '10')
const kubeconfig = (await forge('sandbox', 'kubeconfig', '--name', SANDBOX, '--path')).trim()
const dir = await mkdtemp(join(tmpdir(), 'forge-bench-'))
try {
  await copyExample(dir)
  await configure(['releases', 'api-forge', 'chart'], join(ROOT, 'k8s', 'charts', 'api-forge'))
  for (const { path, version, major } of await helms()) {
    const [bareSpace, ownSpace] = [`bare-helm${major}`, `forge-helm${major}`]
    for (const namespace of [bareSpace, ownSpace]) await twoDeploys(namespace, path)
    const where = ['--namespace', bareSpace, '--kubeconfig', kubeconfig]
    const bare = await median(async (run) => await timed(path, ['rollback', 'api-forge', other(run), ...where]))
    row({ what: `helm ${version} rollback, instant`, seconds: bare })
    const own = await median(
      async (run) =>
        await timed(process.execPath, [FORGE, 'rollback', other(run), '--env', 'sandbox', '-C', dir], {
          FORGE_HELM: path,
        }),
    )
    row({ what: `forge rollback with helm ${major}, instant`, seconds: own, bound: bare + SLACK, against: bare })
  }
} finally {
  await forge('sandbox', 'down', '--name', SANDBOX)
  await rm(dir, { recursive: true, force: true })
}

/** Goes to the first deploy, to the second, to the first … */
function other(run: number): string {
  return run % 2 === 0 ? '1' : '2'
}

async function twoDeploys(namespace: string, helm: string): Promise<void> {
  await configure(['environments', 'sandbox'], { cluster: { sandbox: SANDBOX }, namespace })
  // The certificate of PostgreSQL names the namespace.
  await rm(join(dir, 'infra', 'secrets', 'certs'), { recursive: true, force: true })
  await forge('secrets', 'generate', '--env', 'sandbox', '-C', dir)
  const env = join(dir, '.env')
  for (const level of ['INFO', 'DEBUG']) {
    await writeFile(env, (await readFile(env, 'utf8')).replace(/^LOG_LEVEL=.*$/mu, `LOG_LEVEL=${level}`))
    await execa(process.execPath, [FORGE, 'deploy', '--env', 'sandbox', '-C', dir], { env: { FORGE_HELM: helm } })
  }
}

async function configure(path: readonly string[], value: unknown): Promise<void> {
  const file = join(dir, 'forge.yaml')
  const document = parseDocument(await readFile(file, 'utf8'))
  document.setIn(path, value)
  await writeFile(file, document.toString())
}

async function forge(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [FORGE, ...args])
  return stdout
}
