import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import type { TestProject } from '../support/project.ts'
import { secretProject } from '../support/with-secret.ts'
import type { UninstallReport } from '../../src/flows/uninstall/uninstall.ts'

async function uninstall(
  project: TestProject,
  ...flags: string[]
): Promise<{ status: number | undefined; report: UninstallReport }> {
  const ran = await forgeHere(['uninstall', '-C', project.dir, '--env', 'sandbox', '--json', ...flags])
  return { status: ran.status, report: document<UninstallReport>(ran) }
}

async function deploy(project: TestProject, ...flags: string[]): Promise<number | undefined> {
  return (await forgeHere(['deploy', '-C', project.dir, '--env', 'sandbox', '--set', 'store=true', ...flags])).status
}

test('uninstall keeps claims and secrets, and the next deploy finds them', async () => {
  const namespace = freshNamespace('gone')
  const project = await secretProject(namespace)
  expect(await deploy(project)).toBe(0)
  const claim = (await object('persistentvolumeclaim', 'store', namespace))?.metadata.uid

  expect((await uninstall(project)).report.verdict?.code).toBe('E_CONFIRMATION_REQUIRED')
  const { status, report } = await uninstall(project, '--yes')

  expect({ status, ...report }).toMatchObject({
    status: 0,
    outcome: 'uninstalled',
    deploy: 2,
    removed: ['ConfigMap/web', 'Deployment/web'],
    claims: [{ name: 'store', size: '1Gi', deleted: false }],
  })
  expect(await objects('deployments,configmaps', namespace)).toMatchObject([{ metadata: { name: 'kube-root-ca.crt' } }])
  expect(await object('secret', 'app-secrets', namespace)).toBeDefined()
  expect(await kubectl(['get', 'secrets', '-n', namespace, '-l', 'owner=helm', '-o', 'name'])).toBe('')
  const history = await forgeHere(['history', '-C', project.dir, '--env', 'sandbox', '--json'])
  expect(JSON.parse(history.stdout)).toMatchObject({ live: null, deploys: [{ number: 2, state: 'uninstalled' }, {}] })

  expect((await uninstall(project, '--yes')).report.outcome).toBe('unchanged')
  expect(await deploy(project)).toBe(0)
  expect((await object('persistentvolumeclaim', 'store', namespace))?.metadata.uid).toBe(claim)
})

test('--delete-data lists every claim and needs the name; what the release does not own stays', async () => {
  const namespace = freshNamespace('data')
  const project = await secretProject(namespace)
  expect(await deploy(project)).toBe(0)
  const other = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'store-of-somebody-else', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
  await kubectl(['apply', '-f', '-'], JSON.stringify(other))

  const planned = await forgeHere(['uninstall', '-C', project.dir, '--env', 'sandbox', '--delete-data', '--dry-run'])
  expect(planned).toMatchObject({ status: 0, stdout: expect.stringContaining('PersistentVolumeClaim/store  1Gi') })
  for (const flags of [[], ['--confirm', 'prod']]) {
    const { status, report } = await uninstall(project, '--delete-data', '--yes', ...flags)
    expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code: 'E_CONFIRM_NAME' })
  }
  expect(await object('deployment', 'web', namespace)).toBeDefined()

  const { status, report } = await uninstall(project, '--delete-data', '--confirm', 'sandbox', '--yes')

  expect({ status, outcome: report.outcome, claims: report.claims }).toEqual({
    status: 0,
    outcome: 'uninstalled',
    claims: [{ name: 'store', size: '1Gi', of: 'release tiny', deleted: true }],
  })
  const claims = await objects('persistentvolumeclaims', namespace)
  expect(claims.map(({ metadata }) => metadata.name)).toEqual(['store-of-somebody-else'])
})

test('a finished Job that a dead revision left behind goes, and nothing that somebody else made', async () => {
  const namespace = freshNamespace('clean')
  const project = await secretProject(namespace)
  expect(await deploy(project, '--set', 'migration=a')).toBe(0)
  const left = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'tiny' },
    },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'migrate:0' }] } } },
  }
  const named = (name: string, release: string): unknown => ({
    ...left,
    metadata: { ...left.metadata, name, annotations: { 'meta.helm.sh/release-name': release } },
  })
  const items = [named('migrate-dead', 'tiny'), named('of-another', 'other')]
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  await kubectl(['wait', 'job', '--all', '-n', namespace, '--for=condition=complete', '--timeout=30s'])

  expect(await deploy(project, '--set', 'migration=a', '--set', 'replicas=2')).toBe(0)

  expect((await objects('jobs', namespace)).map(({ metadata }) => metadata.name).sort()).toEqual([
    'migrate-a',
    'of-another',
  ])
})
