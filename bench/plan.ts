/**
 * `node bench/plan.ts`: `forge plan` beside `helm upgrade --dry-run=server` in one run on one sandbox: the example, and
 * 300 workloads (BENCH_WORKLOADS). Never a test: a slow machine must not fail a build.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseDocument, stringify } from 'yaml'
import { copyExample } from './example.ts'
import { helms, type Helm } from './helms.ts'
import { row } from './table.ts'
import { FORGE, median, ROOT, timed } from './timing.ts'

const WORKLOADS = Number(process.env['BENCH_WORKLOADS'] ?? 300)
/** A plan may take this much longer than helm's own dry run (issue 5). */
const SLACK = 1.0

const MANY = `{{- range $at := until (int .Values.count) }}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-{{ $at }} }
spec:
  replicas: 0
  selector: { matchLabels: { app: web-{{ $at }} } }
  template:
    metadata: { labels: { app: web-{{ $at }} } }
    spec: { containers: [{ name: web, image: {{ $.Values.image | quote }} }] }
{{- end }}
`

interface Subject {
  readonly what: string
  readonly dir: string
  readonly release: string
  readonly chart: string
  readonly namespace: string
  /** Makes the next plan one with changes. */
  readonly change: () => Promise<void>
}

const [helm] = [...(await chosenHelms())].reverse()
if (helm === undefined) throw new Error('no helm')
await execa(process.execPath, [FORGE, 'sandbox', 'up', '--name', 'bench-plan', '--latency', 'instant', '--nodes', '10'])
const kubeconfig = (
  await execa(process.execPath, [FORGE, 'sandbox', 'kubeconfig', '--name', 'bench-plan', '--path'])
).stdout.trim()
try {
  for (const make of [example, many]) await measure(await make(), helm)
} finally {
  await execa(process.execPath, [FORGE, 'sandbox', 'down', '--name', 'bench-plan'])
}

async function measure(
  { what, dir, release, chart, namespace, change }: Subject,
  { path, version }: Helm,
): Promise<void> {
  try {
    await forge(['deploy', '--env', 'sandbox', '-C', dir], path)
    const values = join(dir, 'bench-values.json')
    await writeFile(
      values,
      (await execa(path, ['get', 'values', release, '-n', namespace, '--kubeconfig', kubeconfig, '-o', 'json'])).stdout,
    )
    const args = [
      'upgrade',
      release,
      chart,
      '-n',
      namespace,
      '--values',
      values,
      '--dry-run=server',
      '--kubeconfig',
      kubeconfig,
    ]
    const bare = await median(async () => await timed(path, args))
    row({ what: `helm ${version} upgrade --dry-run=server, ${what}`, seconds: bare })
    const plan = ['plan', '--env', 'sandbox', '-C', dir]
    const same = await median(async () => await forge(plan, path))
    row({ what: `forge plan, ${what}, no changes`, seconds: same, bound: bare + SLACK, against: bare })
    await change()
    const changed = await median(async () => await forge(plan, path))
    row({ what: `forge plan, ${what}, with changes`, seconds: changed, bound: bare + SLACK, against: bare })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function example(): Promise<Subject> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-bench-'))
  const chart = join(ROOT, 'k8s', 'charts', 'api-forge')
  await copyExample(dir)
  const file = join(dir, 'forge.yaml')
  const config = parseDocument(await readFile(file, 'utf8'))
  config.setIn(['releases', 'api-forge', 'chart'], chart)
  config.setIn(['environments', 'sandbox'], { cluster: { sandbox: 'bench-plan' }, namespace: 'bench-example' })
  await writeFile(file, config.toString())
  await execa(process.execPath, [FORGE, 'secrets', 'generate', '--env', 'sandbox', '-C', dir])
  const env = join(dir, '.env')
  const change = async (): Promise<void> =>
    await writeFile(env, (await readFile(env, 'utf8')).replace(/^LOG_LEVEL=.*$/mu, 'LOG_LEVEL=ERROR'))
  return { what: 'the example', dir, release: 'api-forge', chart, namespace: 'bench-example', change }
}

/** One change touches every one of them. */
async function many(): Promise<Subject> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-bench-'))
  const chart = join(dir, 'chart')
  await mkdir(join(chart, 'templates'), { recursive: true })
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: many\nversion: 0.1.0\n')
  await writeFile(join(chart, 'values.yaml'), 'image: example.test/web:1\n')
  await writeFile(join(chart, 'templates', 'many.yaml'), MANY)
  const environments = { sandbox: { cluster: { sandbox: 'bench-plan' }, namespace: 'bench-many' } }
  await writeFile(
    join(dir, 'forge.yaml'),
    stringify({
      version: 1,
      project: 'many',
      environments,
      releases: { many: { chart: './chart', values: ['values.yaml'] } },
    }),
  )
  const write = async (image: string): Promise<void> =>
    await writeFile(join(dir, 'values.yaml'), stringify({ image, count: WORKLOADS }))
  await write('example.test/web:1')
  const change = async (): Promise<void> => await write('example.test/web:2')
  return { what: `${WORKLOADS} workloads`, dir, release: 'many', chart, namespace: 'bench-many', change }
}

/** FORGE_HELM alone, or both that the other benches build. */
async function chosenHelms(): Promise<readonly Helm[]> {
  const path = process.env['FORGE_HELM']
  if (path === undefined || path === '') return await helms()
  const { stdout } = await execa(path, ['version', '--template', '{{.Version}}'])
  return [{ path, major: stdout.startsWith('v3') ? 3 : 4, version: stdout }]
}

async function forge(args: readonly string[], path: string): Promise<number> {
  return await timed(process.execPath, [FORGE, ...args], { FORGE_HELM: path })
}
