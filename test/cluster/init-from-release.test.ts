import { gunzipSync, gzipSync } from 'node:zlib'
import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { document, forge, FORGE, ROOT, type Ran } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { projectAt, type TestProject } from '../support/project.ts'
import { STORE, STORE_VALUES } from '../support/store-chart.ts'
import { testSandbox } from '../support/sandbox.ts'
import { forgeOnTerminal } from '../support/terminal.ts'

const namespaces: string[] = []

afterAll(async () => {
  await kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=false', ...namespaces])
})

interface Installed extends TestProject {
  readonly namespace: string
  readonly helm: (...args: readonly string[]) => Promise<string>
  readonly run: (...args: readonly string[]) => Promise<Ran>
  readonly init: (...args: readonly string[]) => Promise<Ran>
}

/** An empty folder, and a namespace of its own. */
async function place(major: 3 | 4 = 4): Promise<Installed> {
  const namespace = freshNamespace('from')
  namespaces.push(namespace)
  await kubectl(['create', 'namespace', namespace])
  const { kubeconfig } = await testSandbox()
  const path = await helmOf(major)
  const project = projectAt(await mkdtemp(join(tmpdir(), 'forge-from-')))
  const env = { KUBECONFIG: kubeconfig, FORGE_HELM: path }
  const run = async (...args: readonly string[]): Promise<Ran> => await forge([...args, '-C', project.dir], { env })
  return {
    ...{ ...project, namespace, run },
    helm: async (...args) =>
      (await execa(path, [...args, '--kubeconfig', kubeconfig, '-n', namespace], { stdin: 'ignore' })).stdout,
    init: async (...args) => await run('init', '--yes', '--from-release', 'shop', '-n', namespace, ...args),
  }
}

const SECRETS = /w0rd|PRIVATE KEY|known-secret|87654321/u

async function installed(major: 3 | 4): Promise<Installed> {
  const shop = await place(major)
  const source = projectAt(await mkdtemp(join(tmpdir(), 'forge-from-chart-')))
  for (const [file, text] of Object.entries({ ...STORE, 'values.yaml': STORE_VALUES })) await source.write(file, text)
  const set = ['--set', 'serial=20261126,auth.token=87654321', '-f', join(source.dir, 'values.yaml')]
  await shop.helm('install', 'shop', join(source.dir, 'src'), '--wait', ...set)
  await shop.helm('upgrade', 'shop', join(source.dir, 'src'), '--wait', ...set, '--set', 'replicas=2')
  return shop
}

async function filesIn({ dir }: TestProject): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(dir.length + 1))
  return files.toSorted()
}

async function podsOf(namespace: string): Promise<string[]> {
  const pods = (await objects('pods', namespace)).filter(({ metadata }) => metadata.labels?.['app'] === 'shop')
  return pods.map(({ metadata }) => metadata.uid).toSorted()
}

/** The line `next`, as a person pastes it. */
async function paste(line: string, { namespace }: Installed, more = ''): Promise<string> {
  const bin = await mkdtemp(join(tmpdir(), 'forge-from-bin-'))
  await projectAt(bin).write('forge', `#!/bin/sh\nexec '${process.execPath}' '${FORGE}' "$@"\n`)
  const { kubeconfig } = await testSandbox()
  const env = { KUBECONFIG: kubeconfig, PATH: `${bin}:${process.env['PATH'] ?? ''}`, CI: 'true', FORGE_ENV: undefined }
  const script = `chmod +x ${bin}/forge && ${line} --json ${more}`
  const { stdout } = await execa('sh', ['-eu', '-c', script], { env, stdin: 'ignore', cwd: bin })
  expect(namespace).not.toBe('')
  return stdout
}

interface Plan {
  readonly plan: { readonly objects: readonly { readonly action: string }[]; readonly restarts: readonly unknown[] }
}

describe.each([3, 4] as const)('a release that helm %i made', (major) => {
  test('becomes a project: no secret in a file, a plan without changes, a deploy without a restart', async () => {
    const shop = await installed(major)
    const ran = await shop.init('--json')
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' })
    const report = document<{ next: string; warnings: readonly string[] }>(ran)
    expect(await filesIn(shop)).toEqual(
      [
        ...Object.keys(STORE).map((file) => file.replace('src', 'chart')),
        ...['.gitignore', 'forge.yaml', 'values.yaml'],
      ].toSorted(),
    )
    for (const file of await filesIn(shop)) expect(await shop.read(file)).not.toMatch(SECRETS)
    expect(JSON.stringify(report)).not.toMatch(SECRETS)
    expect(report.warnings.map((text) => text.split(' ')[0])).toEqual([
      ...['auth.password', 'auth.token', 'extraEnv[1].value', 'tls.key'],
    ])
    expect(await shop.read('chart/files/page.html')).toBe(STORE['src/files/page.html'])
    expect(await shop.read('values.yaml')).toContain('existingSecret: my-secret')

    const pods = await podsOf(shop.namespace)
    expect(pods).toHaveLength(2)
    const { plan } = JSON.parse(await paste(report.next, shop)) as Plan
    expect(plan.objects.filter(({ action }) => action !== 'unchanged')).toEqual([])
    expect(plan.restarts).toEqual([])
    const deploy = report.next.replace(/forge plan/u, 'forge deploy --yes')
    expect(JSON.parse(await paste(deploy, shop))).toMatchObject({ outcome: 'deployed', verdict: null })
    expect(await podsOf(shop.namespace)).toEqual(pods)
    const history = JSON.parse(await shop.helm('history', 'shop', '-o', 'json')) as { status: string }[]
    expect(history.map(({ status }) => status)).toEqual(['superseded', 'superseded', 'deployed'])
    // Nothing of the next one restarts pods either.
    const again = deploy.replace(' --adopt', '')
    expect(JSON.parse(await paste(again, shop))).toMatchObject({ outcome: 'unchanged' })
    expect(await podsOf(shop.namespace)).toEqual(pods)
    const { data = {} } = (await object('secret', 'login', shop.namespace)) ?? {}
    expect(Buffer.from(data['password'] ?? '', 'base64').toString()).toBe('pa$$ "w0rd')
  })
})

/** Charts of this repository, with what they ask of helm. */
test.each([
  ...['files', 'tpl-values', 'stateful', 'kind-list', 'dashboards', 'empty-maps', 'random-password', 'self-signed'],
])('the chart %s comes out of the record, and its plan has no change and no restart', async (chart) => {
  const shop = await place()
  await shop.helm('install', 'shop', join(ROOT, 'test', 'charts', chart, 'chart'), '--wait')
  expect(await shop.init()).toMatchObject({ status: 0, stderr: '' })
  const { plan } = document<Plan>(await shop.run('plan', '--env', 'prod', '--adopt', '--json'))
  expect(plan.objects.filter(({ action }) => action !== 'unchanged')).toEqual([])
  expect(plan.restarts).toEqual([])
})

async function refused(shop: Installed, code: string, ...flags: readonly string[]): Promise<string> {
  const before = await filesIn(shop)
  const { status, stdout, stderr } = await shop.init(...flags)
  expect({ code: /^ +(E_\w+)$/mu.exec(stderr)?.[1], stdout, failed: status !== 0 }).toEqual({
    ...{ code, stdout: '', failed: true },
  })
  expect(stderr).toMatch(/^next {4}\S/mu)
  expect(await filesIn(shop)).toEqual(before)
  return stderr
}

test('charts within a chart are in no record: they are named, and --chart has them', async () => {
  const shop = await place()
  const chart = join(ROOT, 'test', 'charts', 'subcharts', 'chart')
  await shop.helm('install', 'shop', chart)
  const told = await refused(shop, 'E_INIT_CHART')
  expect(told).toContain('subcharts 3.1.0 (cache ^1, sessions 1.x.x)')
  expect(told).toContain('--chart ./subcharts')
  expect(await refused(shop, 'E_CHART_MISSING', '--chart', './nowhere')).toContain('next    ls ')
  expect(await shop.init('--chart', chart)).toMatchObject({ status: 0 })
  expect(await filesIn(shop)).toEqual(['forge.yaml'])
  const plan = await shop.run('plan', '--env', 'prod', '--adopt')
  expect(plan.stdout).toContain('0 restarts, no data deleted')
})

test('what does not render as it runs is not written, until it does', async () => {
  const shop = await place()
  const chart = join(ROOT, 'test', 'charts', 'lookup-password', 'chart')
  await shop.helm('install', 'shop', chart)
  const told = await refused(shop, 'E_INIT_RENDER')
  expect(told).toContain('StatefulSet/shop differs in spec.template.metadata.annotations.checksum/secret')
  // Its first upgrade finds the password that its installation has made, whoever does it.
  await shop.helm('upgrade', 'shop', chart)
  expect(await shop.init()).toMatchObject({ status: 0 })
})

test('another chart than the one that runs is refused', async () => {
  const shop = await place()
  await shop.helm('install', 'shop', join(ROOT, 'test', 'charts', 'files', 'chart'))
  const other = join(ROOT, 'test', 'charts', 'stateful', 'chart')
  expect(await refused(shop, 'E_INIT_RENDER', '--chart', other)).toContain('does not render what helm wrote')
})

test('failed and pending releases are no state to begin from', async () => {
  const shop = await place()
  await shop.write('c/Chart.yaml', STORE['src/Chart.yaml'])
  const text = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`
  await shop.write('c/templates/a.yaml', text('a'))
  await shop.helm('install', 'shop', join(shop.dir, 'c'))
  await shop.write('c/templates/a.yaml', text('Not_A_Name'))
  await expect(shop.helm('upgrade', 'shop', join(shop.dir, 'c'))).rejects.toThrow()
  const failed = await refused(shop, 'E_INIT_STATE')
  expect(failed).toContain('release shop is failed (revision 2)')
  expect(failed).toMatch(/next .*helm.* rollback shop 1/u)
  await kubectl([
    'label',
    'secret',
    'sh.helm.release.v1.shop.v2',
    '-n',
    shop.namespace,
    '--overwrite',
    'status=pending-upgrade',
  ])
  expect(await refused(shop, 'E_INIT_STATE')).toMatch(/release shop is pending-upgrade[^]*next .*helm.* history shop/u)
})

test('a name that is not there: the nearest, the namespace that has it, or that there is no such namespace', async () => {
  const shop = await place()
  await shop.helm('install', 'shop', join(ROOT, 'test', 'charts', 'files', 'chart'))
  const wrong = async (...args: readonly string[]): Promise<Ran> => await shop.run('init', '--yes', ...args)
  const near = await wrong('--from-release', 'shpo', '-n', shop.namespace)
  expect(near).toMatchObject({ status: 2 })
  expect(near.stderr).toContain(`there is no release shpo in namespace ${shop.namespace}; did you mean "shop"?`)
  expect(near.stderr).toMatch(/E_INIT_RELEASE[^]*next {4}forge init .*--from-release shop/u)
  const empty = await wrong('--from-release', 'shop', '-n', 'kube-public')
  expect(empty.stderr).toMatch(new RegExp(`there is one in .*${shop.namespace}`, 'u'))
  const typo = await wrong('--from-release', 'no-such-release', '-n', `${shop.namespace}x`)
  expect(typo.stderr).toContain(`there is no namespace ${shop.namespace}x; did you mean "${shop.namespace}"?`)
  expect(await filesIn(shop)).toEqual([])
})

test('without a cluster nothing is written; what is there is not written over, and is known before the cluster is asked', async () => {
  const shop = await place()
  await shop.write(
    'kube',
    (await kubectl(['config', 'view', '--raw'])).replaceAll(/server: .*/gu, 'server: https://127.0.0.1:1'),
  )
  await refused(shop, 'E_CLUSTER_UNREACHABLE', '--kubeconfig', join(shop.dir, 'kube'))
  await shop.write('values.yaml', 'mine: true\n')
  expect(await refused(shop, 'E_INIT_EXISTS', '--kubeconfig', join(shop.dir, 'kube'))).toContain('where   values.yaml')
})

interface Kept {
  readonly chart: { readonly templates: { name: string }[] }
}

test('a record that somebody has bent writes nowhere else', async () => {
  const shop = await place()
  await shop.helm('install', 'shop', join(ROOT, 'test', 'charts', 'stateful', 'chart'))
  const name = 'sh.helm.release.v1.shop.v1'
  const { data = {} } = (await object('secret', name, shop.namespace)) ?? {}
  const packed = Buffer.from(Buffer.from(data['release'] ?? '', 'base64').toString(), 'base64')
  const kept = JSON.parse(gunzipSync(packed).toString()) as Kept
  const [first] = kept.chart.templates
  if (first !== undefined) first.name = '../../../escaped.yaml'
  const bent = Buffer.from(gzipSync(JSON.stringify(kept)).toString('base64')).toString('base64')
  const patch = JSON.stringify({ data: { release: bent } })
  await kubectl(['patch', 'secret', name, '-n', shop.namespace, '--type=merge', '-p', patch])
  expect(await refused(shop, 'E_INIT_CHART')).toContain('"../../../escaped.yaml", which no chart has')
})

test('on a terminal it asks two questions', async () => {
  const shop = await place()
  await shop.helm('install', 'shop', join(ROOT, 'test', 'charts', 'files', 'chart'))
  const { kubeconfig } = await testSandbox()
  const flags = ['--from-release', 'shop', '-n', shop.namespace, '--kubeconfig', kubeconfig]
  const terminal = await forgeOnTerminal(['init', '-C', shop.dir, ...flags])
  await terminal.shows('Name of the project [shop]: ')
  terminal.types('store\n')
  await terminal.shows('Name of the environment [prod]: ')
  terminal.types('live\n')
  expect(await terminal.ended()).toMatchObject({ status: 0 })
  expect(await shop.read('forge.yaml')).toMatch(/project: store[^]*\n {2}live: /u)
})
