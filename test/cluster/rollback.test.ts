import { describe, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, object, objects, snapshot } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallProject, type Manifest } from '../support/small.ts'
import { twoReleases, type TestProject } from '../support/tiny.ts'
import { secretProject } from '../support/with-secret.ts'
import { deployed, run } from '../support/rollback-run.ts'
import type { HistoryReport } from '../../src/flows/history.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

async function refused(project: TestProject, code: string, ...flags: string[]): Promise<DeployReport> {
  const { status, report } = await run(project, 'rollback', ...flags)
  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 3,
    outcome: 'refused',
    code,
  })
  return report
}

test('two releases go back together, to the newest deploy that was ready, and without a checkout', async () => {
  const namespace = freshNamespace('two')
  const project = await twoReleases(namespace)
  await deployed(project)
  const before = await snapshot(namespace)
  await project.write('base.yaml', 'data: { COLOUR: green }\n')
  await project.write('top.yaml', 'data: { COLOUR: red }\nreplicas: 2\n')
  await deployed(project)
  await project.write('top.yaml', 'image: registry.invalid/top:2\n')
  expect((await run(project, 'deploy')).report.outcome).toBe('restored')

  const { kubeconfig } = await testSandbox()
  const place = ['--kubeconfig', kubeconfig, '-n', namespace, '--project', 'two']
  const planned = await forgeHere(['rollback', ...place, '--dry-run', '--json'])
  expect({ status: planned.status, report: document<DeployReport>(planned) }).toMatchObject({
    status: 0,
    report: { outcome: 'planned', target: 1, deploy: 2 },
  })
  expect(planned.stdout).toContain('"ConfigMap/base"')
  const ran = await forgeHere(['rollback', ...place, '--json'])
  const report = document<DeployReport>(ran)

  expect({ status: ran.status, outcome: report.outcome, deploy: report.deploy }).toEqual({
    status: 0,
    outcome: 'rolled-back',
    deploy: 4,
  })
  expect(report.releases).toEqual([
    { name: 'base', revisionBefore: 4, revisionAfter: 5 },
    { name: 'top', revisionBefore: 4, revisionAfter: 5 },
  ])
  expect(await snapshot(namespace)).toEqual(before)

  const { deploys, live } = document<HistoryReport>(await forgeHere(['history', ...place, '--json']))
  expect({ live, deploys: deploys.map(({ number, state, target }) => [number, state, target]) }).toEqual({
    live: 4,
    deploys: [
      [4, 'rolled-back', 1],
      [3, 'restored', null],
      [2, 'deployed', null],
      [1, 'deployed', null],
    ],
  })
  expect(deploys[2]?.changes).toMatch(/COLOUR|ConfigMap/u)
  const one = await forgeHere(['history', '#3', ...place])
  expect({ status: one.status, stdout: one.stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/#3 {2}restored[^]*✔ helm upgrade base[^]*E_IMAGE_PULL[^]*Deployment\/top → /u),
  })
})

test('a secret goes back with its deploy; a key whose rule is keep stays', async () => {
  const namespace = freshNamespace('secret')
  const project = await secretProject(namespace)
  await deployed(project)
  const before = await snapshot(namespace)
  await project.write('keys/api_key.txt', 'the-second-api-key')
  await deployed(project)
  await project.write('keys/db_pw.txt', 'the-second-database-password')
  await deployed(project)

  const ran = await forgeHere(['rollback', '-C', project.dir, '--env', 'sandbox', '1'])

  expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining('runs #1 again, as #4') })
  expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/the-(?:first|second)/u)
  const live = await object('secret', 'app-secrets', namespace)
  const text = (key: string): string => Buffer.from(live?.data?.[key] ?? '', 'base64').toString()
  expect({ api: text('api_key'), db: text('db_pw') }).toEqual({
    api: 'the-first-api-key',
    db: 'the-second-database-password',
  })
  const { ['Secret/app-secrets']: _now, ...others } = await snapshot(namespace)
  const { ['Secret/app-secrets']: _then, ...same } = before
  expect(others).toEqual(same)
  await project.write('keys/api_key.txt', 'the-first-api-key')
  expect((await run(project, 'deploy')).report).toMatchObject({ outcome: 'unchanged' })
})

test('what cannot be gone back to is refused before anything is touched', async () => {
  const namespace = freshNamespace('refuse')
  const project = await secretProject(namespace)
  await deployed(project)
  expect((await refused(project, 'E_ROLLBACK_TARGET')).verdict?.hint).toBe(
    `forge history --env sandbox -C ${project.dir}`,
  )
  expect((await run(project, 'deploy', '--set', 'image=registry.invalid/web:2')).status).toBe(4)
  await refused(project, 'E_ROLLBACK_TARGET', '2')
  await refused(project, 'E_ROLLBACK_TARGET', '77')

  await project.write('keys/signing.txt', 'the-second-signing-key')
  await deployed(project)
  const before = await snapshot(namespace)
  const { verdict } = await refused(project, 'E_ROLLBACK_SECRET', '1')
  expect(verdict?.message).toContain('app-secrets signing')
  await project.write('keys/signing.txt', 'the-first-signing-key')
  await deployed(project, '--set', 'data.COLOUR=green')

  // Revision 3 is a copy of 1: the failed deploy went back to it.
  const copies = ['sh.helm.release.v1.tiny.v1', 'sh.helm.release.v1.tiny.v3']
  await kubectl(['delete', 'secret', '-n', namespace, ...copies])
  expect((await refused(project, 'E_ROLLBACK_REVISION', '1')).verdict?.message).toContain('revision 1 of tiny is gone')
  expect(Object.keys(await snapshot(namespace))).toEqual(Object.keys(before))
  expect((await forgeHere(['rollback', 'x1', '-C', project.dir, '--env', 'sandbox'])).status).toBe(2)
})

test('a protected environment is asked about, also without its forge.yaml', async () => {
  const namespace = freshNamespace('asked')
  const project = await secretProject(namespace)
  const guarded = ['-C', project.dir, '--env', 'guarded']
  expect((await forgeHere(['deploy', ...guarded, '--yes'])).status).toBe(0)
  expect((await forgeHere(['deploy', ...guarded, '--yes', '--set', 'replicas=2'])).status).toBe(0)
  const { kubeconfig } = await testSandbox()
  const place = ['--kubeconfig', kubeconfig, '-n', namespace]
  const ran = await forgeHere(['rollback', ...place, '--json'])
  expect({ status: ran.status, code: document<DeployReport>(ran).verdict?.code }).toEqual({
    status: 3,
    code: 'E_CONFIRMATION_REQUIRED',
  })
  expect((await forgeHere(['rollback', ...place, '--yes'])).status).toBe(0)
  expect((await object('deployment', 'web', namespace))?.spec?.['replicas']).toBe(1)
  expect((await forgeHere(['rollback', ...place, '--yes'])).stderr).toMatch(/^next +forge rollback 2 /mu)
})

test('a rollback that fails brings back what ran before it', async () => {
  const namespace = freshNamespace('fails')
  const project = await secretProject(namespace)
  await deployed(project)
  await deployed(project, '--set', 'data.COLOUR=green', '--set', 'image=web:2')
  await kubectl(['create', 'quota', 'full', '--hard=pods=1', '-n', namespace])
  const before = await snapshot(namespace)

  const { status, report } = await run(project, 'rollback')

  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_QUOTA',
  })
  expect(await snapshot(namespace)).toEqual(before)
  const { deploys, live } = document<HistoryReport>(
    await forgeHere(['history', '-C', project.dir, '--env', 'sandbox', '--json']),
  )
  expect({ live, newest: deploys[0] }).toMatchObject({ live: 2, newest: { number: 3, state: 'restored', target: 1 } })
})

test('the preview says why there would be no way back', async () => {
  const small = await smallProject(freshNamespace('noway'), 4, [withSecret('other')])
  await kubectl(['create', 'namespace', small.namespace])
  await kubectl(['create', 'secret', 'generic', 'other', '--from-literal=key=value', '-n', small.namespace])
  expect((await small.deploy()).report.verdict).toBeNull()
  await small.render([sample.web({ probe: true, image: 'example.test/web:2' })])
  expect((await small.plan()).back).toMatchObject({ possible: 'yes' })

  await kubectl(['delete', 'secret', 'other', '-n', small.namespace])

  const { back } = await small.plan()
  expect(back).toEqual({
    possible: 'no',
    rows: [expect.stringMatching(/^no: Deployment\/web needs Secret other, which is neither in forge\.yaml nor/u)],
  })
})

/** The pods of this Deployment take a Secret that forge does not make. */
function withSecret(secretName: string): Manifest {
  const web = sample.web({ probe: true }) as Manifest & { spec: { template: { spec: object } } }
  const { spec } = web
  const volumes = [{ name: 'data', secret: { secretName } }]
  const template = { ...spec.template, spec: { ...spec.template.spec, volumes } }
  return { ...web, spec: { ...spec, template } }
}

describe('the schema gate', () => {
  const schema = async (project: TestProject, version: number, oldestReader: number): Promise<void> =>
    await project.configure(['releases', 'tiny', 'schema'], { version, oldestReader })

  test('code that cannot read the database is not gone back to, unless the loss is accepted', async () => {
    const namespace = freshNamespace('gate')
    const project = await secretProject(namespace)
    await schema(project, 11, 11)
    await deployed(project)
    await schema(project, 12, 11)
    await deployed(project, '--set', 'image=web:2', '--set', 'migration=a')
    await schema(project, 13, 12)
    await deployed(project, '--set', 'image=web:3', '--set', 'migration=b')

    expect((await run(project, 'rollback', '2')).report).toMatchObject({ outcome: 'rolled-back', deploy: 4 })
    const { verdict } = await refused(project, 'E_SCHEMA_GATE', '1')
    expect(verdict?.message).toContain('its database is at 13, which only 12 and newer can read')
    expect((await object('deployment', 'web', namespace))?.spec).toMatchObject({
      template: { spec: { containers: [{ image: 'web:2' }] } },
    })
    await schema(project, 11, 11)
    const old = await run(project, 'deploy', '--set', 'image=web:1')
    expect({ status: old.status, code: old.report.verdict?.code }).toEqual({ status: 3, code: 'E_SCHEMA_GATE' })
    expect((await run(project, 'rollback', '1', '--accept-data-loss')).report).toMatchObject({ outcome: 'rolled-back' })
  })

  test('an automatic rollback does not put old code on a schema that it cannot read: exit status 5', async () => {
    const namespace = freshNamespace('auto')
    const project = await secretProject(namespace)
    await schema(project, 12, 12)
    await deployed(project)
    await schema(project, 13, 13)

    const { status, report } = await run(
      project,
      'deploy',
      '--set',
      'migration=b',
      '--set',
      'image=registry.invalid/web:3',
      '--set',
      'delay=3s',
    )

    expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
      status: 5,
      outcome: 'failed',
      code: 'E_IMAGE_PULL',
    })
    expect(report.verdict?.hint).toMatch(/^forge deploy --env sandbox/u)
    expect((await objects('jobs', namespace)).map(({ metadata }) => metadata.name)).toEqual(['migrate-b'])
    await refused(project, 'E_SCHEMA_GATE', '1')
  })
})
