import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { evidenceIn } from '../support/evidence.ts'
import * as sample from '../support/manifests.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { UninstallReport } from '../../src/flows/uninstall/uninstall.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'

const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

/** A namespace that the chart makes, and a Deployment and its configuration in it. */
function edge(namespace: string, image = 'example.test/edge:1'): Manifest[] {
  const place = { namespace }
  const web = sample.web({ name: 'edge', image, probe: true })
  const labels = { 'app.kubernetes.io/name': 'edge' }
  const spec = web['spec'] as { template: { metadata: { labels: Record<string, string> } } }
  const template = { ...spec.template, metadata: { labels: { ...spec.template.metadata.labels, ...labels } } }
  const settings = sample.configMap('settings', { level: image })
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { ...settings, metadata: { ...settings.metadata, ...place } },
    { ...web, metadata: { ...web.metadata, ...place }, spec: { ...spec, template } },
  ]
}

async function small(prefix: string, helm: 3 | 4): Promise<{ readonly small: Small; readonly away: string }> {
  const namespace = freshNamespace(prefix)
  const away = `${namespace}-edge`
  made.push(away)
  return { small: await smallProject(namespace, helm, edge(away)), away }
}

async function deploys({ small: one }: { readonly small: Small }): Promise<void> {
  const { status, report } = await one.deploy()
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
}

async function asked(one: Small, command: string, ...flags: string[]): ReturnType<typeof forgeHere> {
  return await forgeHere([command, ...flags, '--env', 'test', '-C', one.project.dir])
}

test.each([3, 4] as const)(
  'a workload in another namespace is waited for, told and brought back (helm %i)',
  async (helm) => {
    const scene = await small(`away${helm}`, helm)
    await deploys(scene)
    const status = document<StatusDocument>(await asked(scene.small, 'status', '--json'))
    expect(status).toMatchObject({
      ready: true,
      stages: [{ workloads: [{ object: 'Deployment/edge', name: `edge (${scene.away})`, state: 'ready' }] }],
    })
    expect(await asked(scene.small, 'logs', 'edge')).toMatchObject({ status: 0 })

    await scene.small.render(edge(scene.away, 'none.invalid/edge:2'))
    const { status: exit, report } = await scene.small.deploy()

    expect({ exit, outcome: report.outcome, code: report.verdict?.code }).toEqual({
      exit: 4,
      outcome: 'restored',
      code: 'E_IMAGE_PULL',
    })
    expect(report.verdict?.hint).toContain('history')
    expect(await object('configmap', 'settings', scene.away)).toMatchObject({ data: { level: 'example.test/edge:1' } })
  },
)

test('what went wrong there is in the evidence', async () => {
  const scene = await small('awayevidence', 4)
  const folder = await mkdtemp(join(tmpdir(), 'forge-evidence-'))
  await scene.small.render(edge(scene.away, 'none.invalid/edge:1'))
  const { status, report } = await scene.small.deploy('--evidence', folder)
  expect({ status, code: report.verdict?.code }).toEqual({ status: 5, code: 'E_IMAGE_PULL' })
  const files = Object.keys(await evidenceIn(folder))
  expect(files).toEqual(
    expect.arrayContaining([
      `events.${scene.away}.txt`,
      `objects/${scene.away}.deployment-edge.yaml`,
      expect.stringMatching(new RegExp(`^objects/${scene.away}\\.pod-edge-`, 'u')),
    ]),
  )
})

/** Somebody who may do anything in the environment's namespace, and write in the other one without seeing its pods. */
async function halfBlind(namespace: string, away: string): Promise<string> {
  const account = { kind: 'ServiceAccount', name: 'half', namespace }
  const role = (where: string, rules: unknown): unknown[] => [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'half', namespace: where }, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'half', namespace: where },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'half' },
      subjects: [account],
    },
  ]
  const own = { resources: ['configmaps', 'deployments'], apiGroups: ['', 'apps'], verbs: ['*'] }
  const items = [
    ...[namespace, away].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'half', namespace } },
    ...role(namespace, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]),
    ...role(away, [own]),
  ]
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return await accountKubeconfig(namespace, 'half')
}

test('a namespace that may not be looked at is not checked, never ready', async () => {
  const { small: one, away } = await small('awayblind', 4)
  await one.render([sample.web(), ...edge(away).slice(1)])
  const kubeconfig = await halfBlind(one.namespace, away)
  const note = `Deployment/edge in namespace ${away}: not checked, you may not list pods there`
  expect((await one.plan('--kubeconfig', kubeconfig)).notChecked).toContain(note)
  const ran = await one.run('deploy', ['--kubeconfig', kubeconfig])
  expect({ status: ran.status, stdout: ran.stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(new RegExp(`Everything that may be looked at is ready\\.\\n${note}\\n`, 'u')),
  })
  const status = document<StatusDocument>(await asked(one, 'status', '--json', '--kubeconfig', kubeconfig))
  expect(status).toMatchObject({ ready: false, sentence: expect.stringContaining('not checked: you may not list') })
})

test.each([
  ['helm', {}, 'has to make itself'],
  ['a hook', { annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade' } }, 'helm would delete it'],
])('a chart that renders the namespace of its own release is refused in the plan: %s', async (_, metadata, why) => {
  const namespace = freshNamespace('own')
  const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, ...metadata } }
  const one = await smallProject(namespace, 4, [own, sample.configMap('settings', { level: '1' })])
  for (const command of ['plan', 'deploy'] as const) {
    const ran = await one.run(command, ['--json'])
    const { verdict } = document<DeployReport>(ran)
    expect({ status: ran.status, code: verdict?.code, message: verdict?.message }).toEqual({
      status: 3,
      code: 'E_OWN_NAMESPACE',
      message: expect.stringContaining(why),
    })
  }
  await expect(kubectl(['get', 'namespace', namespace])).rejects.toThrow(/not found/u)
})

test.each([3, 4] as const)(
  'once it is handed over, as the hint says, it is part of the release (helm %i)',
  async (helm) => {
    const namespace = freshNamespace(`handed${helm}`)
    const own = (labels: Record<string, string>): Manifest => {
      const metadata = { name: namespace, labels }
      return { apiVersion: 'v1', kind: 'Namespace', metadata }
    }
    const one = await smallProject(namespace, helm, [own({}), sample.web({ probe: true })])
    const { report } = await one.deploy()
    await execa('sh', ['-c', report.verdict?.hint ?? 'false'])
    await deploys({ small: one })
    await one.render([own({ team: 'a' }), sample.web({ probe: true })])
    await deploys({ small: one })
    expect(JSON.parse(await kubectl(['get', 'namespace', namespace, '-o', 'json']))).toMatchObject({
      metadata: { labels: { team: 'a' } },
    })
    expect(await one.plan()).toMatchObject({ unchanged: true })

    const away = document<UninstallReport>(await one.run('uninstall', ['--yes', '--json']))
    expect(away).toMatchObject({ outcome: 'uninstalled', kept: [`Namespace/${namespace}`] })
    expect(await object('namespace', namespace, namespace)).not.toHaveProperty('metadata.deletionTimestamp')
  },
)

test('an object that goes into a namespace which nobody makes is refused in the plan', async () => {
  const { small: one, away } = await small('awaynone', 4)
  await one.render([sample.web(), ...edge(away).slice(1)])
  made.pop()
  const { verdict } = document<DeployReport>(await one.run('plan', ['--json']))
  expect(verdict).toMatchObject({
    code: 'E_NAMESPACE_MISSING',
    message: expect.stringContaining(`namespace ${away}, which is not there`),
  })
})
