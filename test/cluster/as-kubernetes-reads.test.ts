import { expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, object, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { exampleProject } from '../support/project.ts'
import { smallProject, type Manifest } from '../support/small.ts'
import { secretProject } from '../support/with-secret.ts'

const labels = { app: 'web' }
const web = (container: object = {}, image = 'web:1'): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image, ...container }] } },
  },
})
const settings = (cpu: string): Manifest => {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { cpu } }
}

test('amounts are the same where Kubernetes says that they are amounts, and text elsewhere', async () => {
  const limits = (cpu: string): object => ({ resources: { limits: { cpu } } })
  const small = await smallProject(freshNamespace('amounts'), 4, [web(limits('1000m')), settings('1000m')])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  await small.render([web(limits('1')), settings('1')])
  const { objects: planned } = await small.plan()
  expect(planned.map(({ object: name, action }) => [name, action]).toSorted()).toEqual([
    ['ConfigMap/settings', 'change'],
    ['Deployment/web', 'unchanged'],
  ])
})

test('images are read as runtimes read them', async () => {
  const small = await smallProject(freshNamespace('references'), 4, [web({}, 'LOCALDOMAIN/app:1')])
  expect((await small.plan()).objects).toMatchObject([{ object: 'Deployment/web', action: 'create' }])
  for (const image of ['app@sha256:abc', 'app@latest', 'Web:1']) {
    await small.render([web({}, image)])
    expect(await small.deploy()).toMatchObject({ status: 3, report: { verdict: { code: 'E_IMAGE_REFERENCE' } } })
  }
})

test('what no node holds is refused before anything is written, and a LoadBalancer has its external IPs', async () => {
  const service: Manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'edge' },
    spec: { type: 'LoadBalancer', externalIPs: ['192.0.2.7'], ports: [{ port: 80 }], selector: labels },
  }
  const small = await smallProject(freshNamespace('room'), 4, [web(), service])
  await small.project.configure(['stages'], { edge: { wait: ['Service/edge'], timeout: '20s' } })
  expect(await small.deploy()).toMatchObject({ status: 0 })
  await small.render([web({ resources: { requests: { cpu: '900' } } }), service])
  const { status, report } = await small.deploy()
  expect({ status, code: report.verdict?.code, where: report.verdict?.where }).toEqual({
    status: 3,
    code: 'E_CAPACITY',
    where: 'Deployment/web',
  })
})

test('each key of a Secret is made as it says itself', async () => {
  const namespace = freshNamespace('made')
  const project = await secretProject(namespace)
  await project.configure(['secrets', 'app-secrets', 'generate'], { length: 20 })
  await project.configure(
    ['secrets', 'app-secrets', 'keys'],
    ['api_key', { name: 'db_pw', generate: { length: 40 } }, { name: 'signing', generate: false }],
  )
  for (const key of ['api_key', 'db_pw']) await project.remove(`keys/${key}.txt`)
  const generated = await forgeHere(['secrets', 'generate', '-e', 'sandbox', '-C', project.dir])
  expect({ status: generated.status, stderr: generated.stderr }).toMatchObject({ status: 0 })
  expect((await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).status).toBe(0)
  const data = (await object('secret', 'app-secrets', namespace))?.data ?? {}
  const lengths = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').length])
  expect(Object.fromEntries(lengths)).toEqual({ api_key: 20, db_pw: 40, signing: 'the-first-signing-key'.length })
})

test("an upgrade leaves alone what its plan calls unchanged: the example's NetworkPolicies", async () => {
  const namespace = freshNamespace('policies')
  const { dir } = await exampleProject(namespace)
  const deploy = async (...flags: string[]): Promise<DeployReport> =>
    document<DeployReport>(await forgeHere(['deploy', '-e', 'sandbox', '-C', dir, '--json', ...flags]))
  expect((await deploy()).outcome).toBe('deployed')
  expect((await deploy('--set', 'app.replicas=2')).outcome).toBe('deployed')
  const policies = await objects('networkpolicies', namespace)
  expect(policies.length).toBeGreaterThan(0)
  expect(policies.filter(({ metadata }) => metadata.generation !== 1)).toEqual([])
})
