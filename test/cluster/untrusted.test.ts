import { existsSync } from 'node:fs'
import { chmod, cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document, forge, ROOT } from '../support/forge.ts'
import { CANARY, maliciousCheckout, VARIABLE } from '../support/malicious.ts'
import { exampleProject, projectOf } from '../support/project.ts'

interface Refusal {
  readonly verdict: {
    readonly code: string
    readonly problems: readonly { readonly where?: string; readonly message: string }[]
  }
}

const { dir, pwned, attacks } = await maliciousCheckout()
const KUBECONFIG = '/nowhere'
const env = { [VARIABLE]: CANARY, KUBECONFIG }

const COMMANDS = ['validate', 'render', 'plan', 'deploy', 'status', 'secrets diff', 'secrets generate']

test.each([
  ...COMMANDS.map((one) => [one, ['--untrusted'], {}] as const),
  ['plan', [], { FORGE_UNTRUSTED: '1' }] as const,
])('%s %s %j refuses every attack at its place, runs nothing and tells nothing', async (command, flags, more) => {
  const ran = await forge([...command.split(' '), ...flags, '-C', dir, '--json'], { env: { ...env, ...more } })
  const { verdict } = document<Refusal>(ran)
  expect({ status: ran.status, code: verdict.code }).toEqual({ status: 3, code: 'E_UNTRUSTED' })
  const places = verdict.problems.map(({ where = '' }) => where.replace(/:\d+$/u, ''))
  const missed = [...attacks].filter(([, place]) => !places.includes(place)).map(([name]) => name)
  expect({ missed, attacks: attacks.size }).toEqual({ missed: [], attacks: 32 })
  expect(existsSync(pwned)).toBe(false)
  expect(`${ran.stdout}${ran.stderr}`).not.toContain(CANARY)
})

const CHART = { 'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n' }

test.each([
  ['render', 'values', 'linked/values.yaml'],
  ['render', 'out', 'linked/rendered'],
  ['plan', 'set-file', 'linked/values.yaml'],
  ['plan', 'out', 'linked/plan.json'],
  ['plan', 'events', 'dangling'],
  ['deploy', 'events', 'events.ndjson'],
  ['deploy', 'evidence', 'linked/evidence'],
  ['deploy', 'plan', 'linked/values.yaml'],
  ['migrate-to-helm', 'from', 'linked'],
  ['migrate-to-helm', 'backup', 'linked/backup'],
  ['migrate-to-helm', 'write-values', 'linked/new.yaml'],
])(
  '%s --%s opens nothing through a link of the checkout, neither to read nor to write',
  async (command, flag, path) => {
    const outside = await projectOf({ 'values.yaml': `token: ${CANARY}\n` })
    const checkout = await projectOf({
      ...CHART,
      '.git/HEAD': '',
      'apps/web/chart/Chart.yaml': CHART['chart/Chart.yaml'],
      'apps/web/forge.yaml': forgeYaml('linked'),
    })
    await symlink(outside.dir, join(checkout.dir, 'linked'))
    await symlink(join(outside.dir, 'made'), join(checkout.dir, 'dangling'))
    await symlink(join(outside.dir, 'values.yaml'), join(checkout.dir, 'events.ndjson'))
    const named = join(checkout.dir, path)
    const given = flag === 'set-file' ? `a=${named}` : named
    const ran = await forge(
      [command, '-C', join(checkout.dir, 'apps/web'), '--untrusted', '--json', `--${flag}`, given],
      {
        env,
      },
    )
    expect(document<Refusal>(ran).verdict).toMatchObject({ code: 'E_UNTRUSTED', where: `--${flag}` })
    expect(await readdir(outside.dir)).toEqual(['values.yaml'])
    expect(await readFile(join(outside.dir, 'values.yaml'), 'utf8')).toContain(CANARY)
  },
)

test('a kustomization of the checkout is rendered by nobody', async () => {
  const { dir: kustomized } = await projectOf({
    ...CHART,
    'forge.yaml': forgeYaml('kustomized'),
    'old/kustomization.yaml': 'resources: [x.yaml]\n',
    'old/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n',
  })
  const old = join(kustomized, 'old')
  const args = ['migrate-to-helm', '--env', 'dev', '-C', kustomized, '--from', old, '--dry-run']
  const ran = await forgeHere([...args, '--untrusted', '--json'])
  expect(document<Refusal>(ran).verdict).toMatchObject({ code: 'E_UNTRUSTED', where: old })
})

function forgeYaml(namespace: string, more = ''): string {
  return `version: 1\nproject: ${namespace}\nenvironments:\n  dev: { cluster: sandbox, namespace: ${namespace} }\nreleases:\n  web: { chart: ./chart${more} }\n`
}

test('a question that a chart puts together while it renders gets no answer, in a plan or in a deploy', async () => {
  const namespace = freshNamespace('asked')
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['create', 'secret', 'generic', 'token', '-n', namespace, `--from-literal=a=${CANARY}`])
  const question = `{{ tpl (print "{{ (look" "up \\"v1\\" \\"Secret\\" .Release.Namespace \\"token\\").data | toJson }}") . | quote }}`
  const { dir: asking } = await projectOf({
    ...CHART,
    'forge.yaml': forgeYaml(namespace),
    'chart/templates/x.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata: { a: ${question} }\n`,
  })
  const run = async (...args: string[]) => await forgeHere([...args, '--env', 'dev', '-C', asking, '--untrusted'])
  expect(await run('plan', '--full')).toMatchObject({ status: 0, stdout: expect.stringContaining('ConfigMap/x') })
  expect(await run('deploy')).toMatchObject({ status: 0 })
  expect(await object('configmap', 'x', namespace)).toMatchObject({ data: { a: 'null' } })
})

test('values that ask the cluster are refused before helm takes them for templates', async () => {
  const namespace = freshNamespace('asks')
  const { dir: asking } = await projectOf({
    ...CHART,
    'forge.yaml': forgeYaml(namespace, ', values: [values.yaml]'),
    'values.yaml': 'a: "{{ \\x6cookup \\"v1\\" \\"Secret\\" \\"\\" \\"\\" }}"\n',
    'chart/templates/x.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata: { a: {{ tpl .Values.a . | quote }} }\n',
  })
  const ran = await forgeHere(['deploy', '--env', 'dev', '-C', asking, '--untrusted', '--json'])
  expect(document<Refusal>(ran).verdict).toMatchObject({ code: 'E_UNTRUSTED', where: 'values.yaml:1:4' })
  expect(await object('configmap', 'x', namespace)).toBeUndefined()
})

test.each(['explain', 'schema', 'explain E_UNTRUSTED'])('%s reads no checkout, and takes it', async (command) => {
  expect(await forge(command.split(' '), { env: { FORGE_UNTRUSTED: '1' } })).toMatchObject({ status: 0 })
})

test('a kubeconfig, or a credential plugin, that the checkout brings is not used', async () => {
  const base = await projectOf({
    ...CHART,
    'forge.yaml': 'version: 1\nproject: web\nenvironments: { dev: {} }\nreleases: { web: { chart: ./chart } }\n',
    'plugin.sh': `#!/bin/sh\ntouch ${pwned}\n`,
  })
  await chmod(join(base.dir, 'plugin.sh'), 0o755)
  const config = {
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { exec: { command: join(base.dir, 'plugin.sh'), interactiveMode: 'Never' } } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  const elsewhere = await projectOf({ kubeconfig: JSON.stringify(config) })
  await base.write('kubeconfig', JSON.stringify(config))
  for (const file of [join(base.dir, 'kubeconfig'), join(elsewhere.dir, 'kubeconfig')]) {
    const ran = await forge(['plan', '-C', base.dir, '--json', '--untrusted'], { env: { KUBECONFIG: file } })
    expect(document<Refusal>(ran).verdict).toMatchObject({ code: 'E_UNTRUSTED' })
    expect(existsSync(pwned)).toBe(false)
  }
})

test('a project that asks for nothing of the kind is rendered as ever', async () => {
  const { dir: good } = await exampleProject(freshNamespace('good'))
  await cp(join(ROOT, 'k8s/charts/api-forge'), join(good, 'chart'), { recursive: true })
  const text = await readFile(join(good, 'forge.yaml'), 'utf8')
  await writeFile(join(good, 'forge.yaml'), text.replace(/chart: .*/u, 'chart: ./chart'))
  const [trusted, untrusted] = await Promise.all(
    [[], ['--untrusted']].map(async (flags) => await forge(['render', '--env', 'sandbox', '-C', good, ...flags])),
  )
  expect(untrusted).toMatchObject({ status: 0, stdout: trusted?.stdout })
  expect(await forge(['validate', '-C', good, '--untrusted'])).toMatchObject({ status: 0 })
})
