import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, kubectl, object, objects, snapshot } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { twoReleases, type TestProject } from '../support/tiny.ts'

type Report = DeployReport & { readonly plan?: PlanDocument }

const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

/** Two releases of one chart, so that their objects have the same names: `base` at home, `top` in a namespace of its own. */
async function scene(
  prefix: string,
): Promise<{ readonly project: TestProject; readonly home: string; readonly away: string }> {
  const home = freshNamespace(prefix)
  const away = `${home}-away`
  made.push(away)
  const project = await twoReleases(home)
  await moveTop(project, away)
  return { project, home, away }
}

async function moveTop({ dir }: TestProject, namespace: string): Promise<void> {
  const file = join(dir, 'forge.yaml')
  const text = (await readFile(file, 'utf8')).replace(/\nstages:[^]*/u, '\n')
  await writeFile(
    file,
    text.replace(/top: \{.*\}/u, `top: { chart: ./base, namespace: ${namespace}, needs: [ base ] }`),
  )
}

async function run(
  { dir }: TestProject,
  command: string,
  ...rest: string[]
): Promise<{ status: number; report: Report }> {
  const ran = await forgeHere([command, ...rest, '--env', 'sandbox', '-C', dir, '--json'])
  return { status: ran.status ?? 1, report: document<Report>(ran) }
}

async function colours(...namespaces: string[]): Promise<(string | undefined)[]> {
  return await Promise.all(
    namespaces.map(async (namespace) => (await object('configmap', 'base', namespace))?.data?.['COLOUR']),
  )
}

const BROKEN = ['--set', 'top:annotations.sandbox\\.forge\\.api-forge\\.io/fail=crash-loop']
const GREEN = ['--set', 'base:data.COLOUR=green', '--set', 'top:data.COLOUR=green']

test('a release in a namespace of its own is planned, followed, proven, told, and brought back', async () => {
  const { project, home, away } = await scene('apart')

  expect(await run(project, 'deploy')).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect((await object('namespace', away, ''))?.metadata.labels).toMatchObject({ 'forge.api-forge.io/project': 'two' })
  const records = await Promise.all([home, away].map(async (one) => await objects('secrets', one, 'owner=helm')))
  expect(records.map((some) => some.map(({ metadata }) => metadata.labels?.['name']))).toEqual([['base'], ['top']])
  // What forge knows stays in the environment's namespace.
  const state = await objects('secrets,leases', away, 'forge.api-forge.io/project=two')
  expect(state.map(({ metadata }) => metadata.name)).toEqual([])
  expect(await run(project, 'deploy')).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })

  const screen = await forgeHere(['plan', '--env', 'sandbox', '-C', project.dir, ...GREEN])
  expect(screen.stdout).toContain('~ ConfigMap/base  ')
  expect(screen.stdout).toContain(`~ ConfigMap/base (${away})`)
  expect((await run(project, 'deploy', ...GREEN)).status).toBe(0)
  const green = { home: await snapshot(home), away: await snapshot(away) }
  expect(await colours(home, away)).toEqual(['green', 'green'])

  const failed = await run(project, 'deploy', ...BROKEN)
  expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_CRASH_LOOP' } } })
  expect({ home: await snapshot(home), away: await snapshot(away) }).toEqual(green)

  await kubectl(['scale', 'deployment/base', '-n', away, '--replicas=0'])
  const status = document<StatusDocument>(await forgeHere(['status', '--env', 'sandbox', '-C', project.dir, '--json']))
  expect(status.stages.flatMap(({ workloads }) => workloads.map(({ name, state: is }) => [name, is]))).toEqual([
    ['base', 'ready'],
    [`base (${away})`, expect.not.stringMatching(/^ready$/u)],
  ])
  expect((await run(project, 'rollback', '1')).status).toBe(0)
  expect(await colours(home, away)).toEqual(['blue', 'blue'])

  expect((await run(project, 'uninstall', '--yes')).status).toBe(0)
  expect(
    await Promise.all(
      [home, away].map(
        async (one) => await objects('deployments,configmaps', one, 'app.kubernetes.io/managed-by=Helm'),
      ),
    ),
  ).toEqual([[], []])
})

test('a release that forge.yaml moves is refused while it runs, and nothing becomes of the new namespace', async () => {
  const { project, away } = await scene('moves')
  expect((await run(project, 'deploy')).status).toBe(0)

  await moveTop(project, `${away}-2`)
  const { status, report } = await run(project, 'deploy')

  expect({ status, verdict: report.verdict }).toMatchObject({
    status: 3,
    verdict: {
      code: 'E_RELEASE_ELSEWHERE',
      message: expect.stringContaining(`release top lives in namespace ${away} and shall live in ${away}-2`),
      hint: expect.stringMatching(new RegExp(`helm .*-n ${away} uninstall top$`, 'u')),
    },
  })
  expect(await object('namespace', `${away}-2`, '')).toBeUndefined()
})

test('rights are asked for where each release lives, before anything is written', async () => {
  const { project, home, away } = await scene('rights')
  for (const one of [home, away]) await kubectl(['create', 'namespace', one])
  await kubectl(['create', 'serviceaccount', 'home-only', '-n', home])
  const binding = ['--serviceaccount', `${home}:home-only`, '-n', home]
  await kubectl(['create', 'rolebinding', 'home-only', '--clusterrole=admin', ...binding])
  await kubectl([
    'create',
    'role',
    'leases',
    '--verb=*',
    '--resource=leases.coordination.k8s.io,replicasets.apps',
    '-n',
    home,
  ])
  await kubectl(['create', 'rolebinding', 'leases', '--role=leases', ...binding])
  await kubectl(['create', 'clusterrolebinding', home, '--clusterrole=view', '--serviceaccount', `${home}:home-only`])
  const kubeconfig = await accountKubeconfig(home, 'home-only')
  const file = join(project.dir, 'forge.yaml')
  const text = (await readFile(file, 'utf8')).replace(
    'cluster: sandbox',
    'pullCheck: skip, cluster: { context: home-only }',
  )
  await writeFile(file, text)

  const ran = await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir, '--json'], { KUBECONFIG: kubeconfig })

  expect({ status: ran.status, verdict: document<Report>(ran).verdict }).toMatchObject({
    status: 3,
    verdict: { code: 'E_FORBIDDEN', message: expect.stringContaining(`secrets in namespace ${away}`) },
  })
  expect(await objects('configmaps', home, 'app.kubernetes.io/managed-by=Helm')).toEqual([])
  await kubectl(['delete', 'clusterrolebinding', home])
})

test('a namespace that forge makes gets its labels; of one that is there only what it lacks is said', async () => {
  const { project, away } = await scene('labelled')
  const file = join(project.dir, 'forge.yaml')
  const level = 'pod-security.kubernetes.io/warn'
  const text = (await readFile(file, 'utf8')).replace(
    `namespace: ${away},`,
    `namespace: ${away}, createNamespace: { labels: { ${level}: baseline, team: edge } },`,
  )
  await writeFile(file, text)
  const { report } = await run(project, 'deploy')
  expect(report).toMatchObject({ outcome: 'deployed' })
  expect((await object('namespace', away, ''))?.metadata.labels).toMatchObject({
    [level]: 'baseline',
    team: 'edge',
    'forge.api-forge.io/project': 'two',
  })

  await writeFile(file, text.replace('team: edge', 'team: core'))
  const plan = await forgeHere(['plan', '--env', 'sandbox', '-C', project.dir])
  expect(plan.status).toBe(0)
  expect(await run(project, 'deploy')).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
  expect((await object('namespace', away, ''))?.metadata.labels).toMatchObject({ team: 'edge' })
})
