import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'
import { helmOf } from '../support/helms.ts'
import { projectOf } from '../support/project.ts'

const namespace = freshNamespace('managed')

afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

const deployment = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template: { metadata: { labels: { app: ${name} } }, spec: { containers: [ { name: ${name}, image: 'x.test/${name}:1' } ] } }
`

test('plain objects that Flux applies are told without a record of helm, and said where they are not there', async () => {
  const { dir } = await projectOf({
    'forge.yaml': `version: 1
project: managed
environments: { prod: { cluster: sandbox, namespace: ${namespace}, managedBy: flux } }
releases: { all: { manifests: all } }
stages: { web: { wait: [ Deployment/web ], optional: [ Deployment/worker, Deployment/tools ] } }
components: { site: Deployment/web }
`,
    'all/web.yaml': deployment('web'),
    'all/worker.yaml': deployment('worker'),
  })
  const status = async (): Promise<{ status: number | undefined; told: StatusDocument }> => {
    const ran = await forgeHere(['status', '--env', 'prod', '-C', dir, '--json'])
    return { status: ran.status, told: document<StatusDocument>(ran) }
  }
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['-n', namespace, 'apply', '-f', join(dir, 'all/worker.yaml')])
  expect(await status()).toMatchObject({ status: 8, told: { ready: false } })
  const { stdout } = await forgeHere(['status', '--env', 'prod', '-C', dir])
  expect(stdout).toContain('managed on prod is not ready: Deployment/web is not installed.')

  await kubectl(['-n', namespace, 'apply', '-f', join(dir, 'all')])
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', 'deployment/worker'])
  const { status: exit, told } = await status()
  expect({ exit, ready: told.ready }).toEqual({ exit: 0, ready: true })
  expect(told.stages.flatMap(({ workloads }) => workloads.map(({ name, state }) => [name, state]))).toEqual([
    ['site', 'ready'],
    ['worker', 'ready'],
  ])
})

test('what Flux has installed and applied is planned against: nothing to do, then the change, and no release is foreign', async () => {
  const { dir, write } = await projectOf({
    'forge.yaml': `version: 1
project: planned
environments: { prod: { cluster: sandbox, namespace: ${namespace}, managedBy: flux } }
releases:
  page: { chart: ./chart }
  beside: { manifests: beside }
stages: { page: { optional: [ Deployment/page ] }, beside: { optional: [ Deployment/beside ] } }
components: { page: Deployment/page, beside: Deployment/beside }
`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: page\nversion: 1.0.0\n',
    'chart/templates/page.yaml': deployment('page'),
    'beside/beside.yaml': deployment('beside'),
  })
  const plan = async (): Promise<{ status: number | undefined; changes: string[]; said: string }> => {
    const ran = await forgeHere(['plan', '--env', 'prod', '-C', dir, '--exit-code', '--output', 'json'])
    const { objects, warnings } = document<PlanDocument>(ran)
    const touched = objects.filter(({ action }) => action !== 'unchanged')
    return {
      status: ran.status,
      changes: touched.flatMap(({ object, changes }) => changes.map(({ path }) => `${object} ${path}`)),
      said: warnings.join('; '),
    }
  }
  // As Flux does: helm without forge for the chart, and an apply for what is none.
  await execa(await helmOf(4), [
    'install',
    'page',
    join(dir, 'chart'),
    '--namespace',
    namespace,
    '--kubeconfig',
    (await testSandbox()).kubeconfig,
  ])
  await kubectl([
    '-n',
    namespace,
    'apply',
    '--server-side',
    '--field-manager=kustomize-controller',
    '-f',
    join(dir, 'beside'),
  ])
  const marks = ['kustomize.toolkit.fluxcd.io/name=all', 'kustomize.toolkit.fluxcd.io/namespace=flux-system']
  await kubectl(['-n', namespace, 'label', 'deployment', 'beside', ...marks])
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/page', 'deployment/beside'])

  expect(await plan()).toEqual({ status: 0, changes: [], said: expect.stringContaining('is managed by Flux') })
  const text = await forgeHere(['plan', '--env', 'prod', '-C', dir])
  expect(text.stdout).toContain('No changes.')
  expect(text.stdout).toContain('forge status --env prod')
  const doctor = await forgeHere(['doctor', '--env', 'prod', '-C', dir])
  expect(doctor.stdout).not.toContain('✖ environment prod')

  await write('beside/beside.yaml', deployment('beside').replace(':1', ':2'))
  expect(await plan()).toMatchObject({
    status: 10,
    changes: [expect.stringMatching(/^Deployment\/beside .*image$/u)],
  })
  const refused = await forgeHere(['deploy', '--env', 'prod', '-C', dir])
  expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining('E_GITOPS_OWNED') })
})

test('a component that is not installed is said by what it is, and not suggested again', async () => {
  const { dir } = await projectOf({
    'forge.yaml': `version: 1
project: absent
environments: { prod: { cluster: sandbox, namespace: ${namespace} } }
releases: { all: { manifests: all } }
components: { site: Deployment/absent }
`,
    'all/absent.yaml': deployment('absent'),
  })
  expect(await forgeHere(['logs', 'site', '--env', 'prod', '-C', dir])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Deployment/absent, called site in forge.yaml, is not installed'),
  })
})
