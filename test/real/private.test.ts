import { readFile } from 'node:fs/promises'
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { currentContext, print, RealNamespace } from '../support/real-cluster.ts'
import { failForReal, type RealVerdict, type Status } from '../support/real-failure.ts'
import { projectOf } from '../support/project.ts'
import { smallFiles, type Manifest } from '../support/small.ts'

const IMAGE = process.env['FORGE_TEST_PRIVATE_IMAGE'] ?? ''
const AUTH = process.env['FORGE_TEST_PRIVATE_AUTH'] ?? ''
const GONE = `${IMAGE.slice(0, IMAGE.lastIndexOf(':'))}:no-such-tag`
const LABELS = { 'app.kubernetes.io/name': 'web' }

let namespace: RealNamespace

beforeAll(() => {
  if (IMAGE === '' || AUTH === '')
    throw new Error(
      'FORGE_TEST_PRIVATE_IMAGE and FORGE_TEST_PRIVATE_AUTH are not set: docs/real-cluster.md says what they are',
    )
})
beforeEach(async () => {
  namespace = await RealNamespace.create('private')
})
afterEach(async () => await namespace.remove())

function web(image: string, spec: Readonly<Record<string, unknown>> = {}): Manifest {
  const container = { name: 'web', image, imagePullPolicy: 'Always', command: ['sleep', '600'] }
  const template = {
    metadata: { labels: LABELS },
    spec: { terminationGracePeriodSeconds: 0, containers: [container], ...spec },
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: LABELS }, template },
  }
}

const SECRET = { imagePullSecrets: [{ name: 'pull' }] }

/** The secret that the pods pull with; of the default account too, where pods name none. */
async function givePullSecret({ toAccount }: { readonly toAccount: boolean }): Promise<void> {
  const config = await readFile(AUTH)
  await namespace.kubectl(
    ['create', '-f', '-'],
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull' }, type: 'kubernetes.io/dockerconfigjson' },
      data: { '.dockerconfigjson': config.toString('base64') },
    }),
  )
  if (toAccount) await namespace.kubectl(['patch', 'serviceaccount', 'default', '--patch', JSON.stringify(SECRET)])
}

async function failed(object: Manifest, environment: Readonly<Record<string, unknown>> = {}): Promise<RealVerdict> {
  const shows = ({ containerStatuses = [] }: Status): boolean =>
    (containerStatuses as { state: { waiting?: { reason: string } } }[]).some(({ state }) =>
      ['ErrImagePull', 'ImagePullBackOff'].includes(state.waiting?.reason ?? ''),
    )
  return await failForReal(namespace, { kind: 'pods', objects: [object], environment, shows })
}

async function expectRefused(object: Manifest, why: string): Promise<void> {
  const { status, stderr } = await failed(object)
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/^ +E_IMAGE_PULL$/mu) })
  expect(stderr.replaceAll(/\s+/gu, ' ')).toContain(why)
  expect(await namespace.objects('deployments')).toEqual([])
}

test.each([
  ['that its pods name', false, SECRET],
  ['of their account', true, {}],
])(
  'it runs with the pull secret %s, and not without',
  async (_, toAccount, spec) => {
    await expectRefused(web(IMAGE, spec), 'its registry wants a login')
    await givePullSecret({ toAccount })
    const environment = { cluster: { context: await currentContext() }, namespace: namespace.name }
    const project = await projectOf(smallFiles({}, [web(IMAGE, spec)]))
    await project.configure(['environments'], { real: environment })
    const { status, report } = await namespace.deploy(project)
    expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
    expect((await namespace.pods('web')).map((pod) => pod.status.phase)).toEqual(['Running'])
  },
  150_000,
)

test('a tag that does not exist is refused before anything is written', async () => {
  await givePullSecret({ toAccount: false })
  await expectRefused(web(GONE, SECRET), `cannot pull image ${GONE}: it does not exist`)
})

test('without the pull check the cluster says it, and forge within a second', async () => {
  await givePullSecret({ toAccount: false })
  const { status, stderr, seconds } = await failed(web(GONE, SECRET), { pullCheck: 'skip' })
  print(`a tag that does not exist: E_IMAGE_PULL, ${seconds?.toFixed(2) ?? '?'} s after the cluster showed it`)
  expect({ status, stderr }).toEqual({ status: 5, stderr: expect.stringContaining('it does not exist') })
  expect(seconds).toBeLessThan(1)
}, 150_000)
