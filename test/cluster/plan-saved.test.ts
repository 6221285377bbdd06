import { expect, test } from '@jest/globals'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { moved, stored, type Small } from '../support/small.ts'
import { BASE, deployed, refused, settings } from '../support/small-deployed.ts'
import { twoReleases } from '../support/tiny.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'

async function saved(small: Small): Promise<string> {
  const file = join(small.project.dir, 'p.json')
  const { status, stderr } = await small.run('plan', ['--out', file])
  expect({ status, stderr }).toMatchObject({ status: 0 })
  return file
}

test('a saved plan is carried out as it is, is readable by its owner only and holds no secret', async () => {
  const small = await deployed('saved', 4, [...BASE, sample.secret('login', { a: 'very-secret-text' })])
  await small.render([settings('2'), sample.web({ replicas: 2 }), sample.secret('login', { a: 'another-secret-text' })])
  const file = await saved(small)
  const text = await readFile(file, 'utf8')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  for (const word of ['very-secret-text', 'another-secret-text']) {
    expect(text).not.toContain(word)
    expect(text).not.toContain(Buffer.from(word).toString('base64'))
  }
  const old = await stored(small.namespace)
  const ran = await small.run('deploy', ['--plan', file, '--json'])
  expect({ status: ran.status, verdict: document<DeployReport>(ran).verdict }).toEqual({ status: 0, verdict: null })
  expect(moved(old, await stored(small.namespace))).toEqual({
    'ConfigMap/settings': 'change',
    'Deployment/web': 'change',
    'Secret/login': 'change',
  })
})

test('a saved plan is refused once an object has moved, the project renders otherwise, or it is too old', async () => {
  const small = await deployed('stale')
  await small.render([settings('2'), sample.web()])
  const file = await saved(small)
  const text = await readFile(file, 'utf8')
  const old = new Date(Date.now() - 25 * 3_600_000).toISOString()
  await writeFile(file, text.replace(/"createdAt": "[^"]+"/u, `"createdAt": "${old}"`))
  await refused(small, 'E_PLAN_EXPIRED', '--plan', file)
  await writeFile(file, text)

  await small.render([settings('3'), sample.web()])
  const otherwise = await refused(small, 'E_PLAN_RENDER', '--plan', file)
  expect(otherwise.verdict?.message).toContain('ConfigMap/settings')

  await small.render([settings('2'), sample.web()])
  await kubectl(['set', 'image', 'deployment/web', 'web=example.test/web:9', '-n', small.namespace])
  const stale = await refused(small, 'E_PLAN_STALE', '--plan', file)
  expect(stale.verdict?.message).toContain('Deployment/web')
  expect(stale.verdict?.message).not.toContain('ConfigMap/settings')

  await writeFile(file, (await readFile(file, 'utf8')).replace('"version": 1', '"version": 99'))
  const { status, report } = await small.deploy('--plan', file)
  expect({ status, code: report.verdict?.code }).toEqual({ status: 2, code: 'E_PLAN_FILE' })
})

test.each([3, 4] as const)(
  'a chart that renders differently each time is deployed from the frozen render with helm %i',
  async (helm) => {
    const small = await deployed(`frozen${helm}`, helm)
    await small.project.write(
      'chart/templates/odd.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: odd }\ndata: { id: {{ randAlphaNum 12 | quote }} }\n',
    )
    const file = await saved(small)
    const plan = JSON.parse(await readFile(file, 'utf8')) as PlanDocument & {
      basis: { releases: { frozen: string }[] }
    }
    expect(plan.releases[0]?.volatile).toEqual(['ConfigMap/odd'])
    const ran = await small.run('deploy', ['--plan', file, '--json'])
    expect({ status: ran.status, verdict: document<DeployReport>(ran).verdict }).toEqual({ status: 0, verdict: null })
    const id = (await object('configmap', 'odd', small.namespace))?.data?.['id'] ?? ''
    expect(id).toHaveLength(12)
    expect(plan.basis.releases[0]?.frozen).toContain(id)
  },
)

test('what moves while a deploy waits for the lock is found under it, and nothing is written', async () => {
  const small = await deployed('locked')
  await small.render([settings('2'), sample.web()])
  // Nobody renews this one: forge watches it for 15 s before it takes the lock over.
  const ghost = {
    spec: {
      holderIdentity: 'ghost@nowhere',
      leaseDurationSeconds: 15,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  }
  await kubectl([
    'patch',
    'lease',
    'forge-small',
    '-n',
    small.namespace,
    '--type=merge',
    '--patch',
    JSON.stringify(ghost),
  ])
  const waiting = small.deploy()
  await new Promise((resolve) => setTimeout(resolve, 6000))
  await kubectl([
    'patch',
    'configmap',
    'settings',
    '-n',
    small.namespace,
    '--type=merge',
    '--patch',
    '{"data":{"level":"hand"}}',
  ])
  const before = await stored(small.namespace)

  const { status, report } = await waiting

  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 3,
    outcome: 'refused',
    code: 'E_PLAN_STALE',
  })
  expect(report.verdict?.message).toContain('ConfigMap/settings')
  expect(moved(before, await stored(small.namespace))).toEqual({})
  expect(report.releases[0]).toMatchObject({ revisionBefore: 1, revisionAfter: 1 })
})

test.each([3, 4] as const)('a chart that looks into the cluster is planned as helm %i writes it', async (helm) => {
  const small = await deployed(`lookup${helm}`, helm)
  const found = '{{ (lookup "v1" "ConfigMap" .Release.Namespace "settings").data | toJson | quote }}'
  await small.project.write(
    'chart/templates/odd.yaml',
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: odd }\ndata: { found: ${found} }\n`,
  )
  expect((await small.deploy()).status).toBe(0)
  expect((await object('configmap', 'odd', small.namespace))?.data).toEqual({ found: '{"level":"1"}' })
  expect(await small.plan()).toMatchObject({ unchanged: true })
})

test('a value of --set that is a secret is in no saved plan', async () => {
  const small = await deployed('set')
  await small.project.write(
    'chart/templates/login.yaml',
    'apiVersion: v1\nkind: Secret\nmetadata: { name: given }\nstringData: { a: {{ .Values.plain | default "-" | quote }} }\n',
  )
  const file = join(small.project.dir, 'p.json')
  for (const option of ['app.password=horse-staple', 'plain=correct-battery']) {
    const { status, stdout } = await small.run('plan', ['--out', file, '--json', '--set', option])
    const { verdict } = JSON.parse(stdout) as DeployReport
    expect({ status, code: verdict?.code }).toEqual({ status: 3, code: 'E_PLAN_UNSAVABLE' })
    expect(verdict?.message).toContain(`--set ${option.split('=')[0] ?? ''}`)
    expect(stdout).not.toContain(option.split('=')[1])
    await expect(stat(file)).rejects.toThrow(/ENOENT/u)
  }
  const commit = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'
  expect(await small.run('plan', ['--out', file, '--set', `image.tag=${commit}`])).toMatchObject({ status: 0 })
})

test('a saved plan holds for several releases together: one that has moved stops both', async () => {
  const namespace = freshNamespace('several')
  const project = await twoReleases(namespace)
  const run = async (...args: string[]): Promise<Ran> => await forgeHere([...args, '-e', 'sandbox', '-C', project.dir])
  expect(await run('deploy')).toMatchObject({ status: 0 })
  await project.write('base.yaml', 'data: { COLOUR: green }\n')
  await project.write('top.yaml', 'data: { COLOUR: red }\n')
  const file = join(project.dir, 'p.json')
  expect(await run('plan', '--out', file)).toMatchObject({ status: 0 })

  await kubectl(['patch', 'configmap', 'top', '-n', namespace, '--type=merge', '--patch', '{"data":{"COLOUR":"hand"}}'])
  const moved = document<DeployReport>(await run('deploy', '--plan', file, '--json'))
  expect(moved).toMatchObject({ outcome: 'refused', verdict: { code: 'E_PLAN_STALE' } })
  expect(moved.verdict?.message).toContain('ConfigMap/top')
  expect((await object('configmap', 'base', namespace))?.data).toEqual({ COLOUR: 'blue' })

  await kubectl(['patch', 'configmap', 'top', '-n', namespace, '--type=merge', '--patch', '{"data":{"COLOUR":"blue"}}'])
  const done = document<DeployReport>(await run('deploy', '--plan', file, '--json'))
  expect(done).toMatchObject({ outcome: 'deployed', verdict: null })
  expect(done.releases).toEqual([
    { name: 'base', revisionBefore: 1, revisionAfter: 2 },
    { name: 'top', revisionBefore: 1, revisionAfter: 2 },
  ])
  expect((await object('configmap', 'top', namespace))?.data).toEqual({ COLOUR: 'red' })
})
