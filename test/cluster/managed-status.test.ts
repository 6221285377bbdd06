import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import type { StatusDocument } from '../../src/domain/status/model.ts'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
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
