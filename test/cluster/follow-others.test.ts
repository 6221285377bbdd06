import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { forgeHere, kubectl } from '../support/cluster.ts'
import { startForge } from '../support/forge.ts'
import {
  deployment,
  stack,
  marks,
  fetched,
  kustomized,
  applied,
  brief,
  READY,
  controllers,
  prepareFollowing,
  removeFollowed,
  type Stack,
} from '../support/followed-stack.ts'
import { declare, report, standIns } from '../support/gitops-kinds.ts'
import { testSandbox } from '../support/sandbox.ts'
import { says } from '../support/says.ts'

beforeAll(prepareFollowing)
afterAll(removeFollowed)

describe('what an Application applies', () => {
  const app = async (
    { namespace }: Stack,
    status: Record<string, unknown>,
    spec: Record<string, unknown> = { syncPolicy: { automated: {} } },
  ) => {
    await declare('Application', namespace, namespace, {
      source: { repoURL: 'http://git.test/shop' },
      destination: { namespace },
      ...spec,
    })
    await report('Application', namespace, namespace, status)
  }
  const tracked = (namespace: string): object => {
    const made = deployment('web') as { metadata: object }
    const id = `${namespace}_${namespace}:apps/Deployment:${namespace}/web`
    return { ...made, metadata: { ...made.metadata, annotations: { 'argocd.argoproj.io/tracking-id': id } } }
  }

  test('is synced, fails by its own message, and is not waited for where it syncs by hand', async () => {
    const shop = await stack('argo', 'argocd')
    await shop.apply(tracked(shop.namespace))
    await app(shop, {
      sync: { status: 'Synced', revision: shop.head },
      operationState: { phase: 'Succeeded', syncResult: { revision: shop.head } },
    })
    const good = await shop.follow()
    expect({ ...brief(good), steps: good.told.steps.map(({ name }) => name) }).toEqual({
      status: 0,
      outcome: 'applied',
      code: null,
      steps: ['Argo CD', 'web'],
    })

    await app(shop, {
      sync: { status: 'OutOfSync', revision: shop.head },
      operationState: {
        phase: 'Failed',
        message: 'one or more objects failed to apply',
        syncResult: { revision: shop.head },
      },
    })
    const bad = await shop.follow()
    expect(brief(bad)).toEqual({ status: 4, outcome: 'failed', code: 'E_FOLLOW_FAILED' })
    expect(bad.told.verdict?.message).toContain('sync Failed: one or more objects failed to apply')

    await app(shop, { sync: { status: 'OutOfSync', revision: shop.head }, operationState: null }, { syncPolicy: null })
    const held = await shop.follow()
    expect(brief(held)).toEqual({ status: 8, outcome: 'unknown', code: 'E_FOLLOW_SUSPENDED' })
    expect(held.told.verdict?.hint).toContain(shop.head)
  })
})

describe('what is not known is never ready', () => {
  test('nobody deploys it from Git', async () => {
    const shop = await stack('none')
    await shop.apply(deployment('web'))
    expect(brief(await shop.follow())).toEqual({ status: 3, outcome: 'refused', code: 'E_FOLLOW_NO_OWNER' })
  })

  test('its source is no repository', async () => {
    const shop = await stack('oci')
    const digest = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'
    await declare('OCIRepository', 'shop', shop.namespace, { url: 'oci://x.test/shop' })
    await report('OCIRepository', 'shop', shop.namespace, {
      observedGeneration: 1,
      artifact: { revision: `v1@sha256:${digest}` },
      conditions: [READY],
    })
    const status = { ...applied(shop.head), lastAppliedRevision: `v1@sha256:${digest}` }
    await kustomized(shop, status, { sourceRef: { kind: 'OCIRepository', name: 'shop' } })
    await shop.apply(deployment('web', marks(shop.namespace)))
    const end = await shop.follow()
    expect(brief(end)).toEqual({ status: 3, outcome: 'refused', code: 'E_FOLLOW_REVISION' })
    expect(end.told.verdict?.hint).toContain(`--revision sha256:${digest}`)
    expect(brief(await shop.follow('--revision', `sha256:${digest}`))).toEqual({
      status: 0,
      outcome: 'applied',
      code: null,
    })
  })

  test('there is no commit, and none is said', async () => {
    const shop = await stack('nogit')
    await rm(`${shop.project.dir}/.git`, { recursive: true })
    const ran = await forgeHere(['follow', '--env', 'prod', '-C', shop.project.dir])
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({
      status: 3,
      stderr: expect.stringContaining('E_FOLLOW_REVISION'),
    })
  })

  test('its controller does not run', async () => {
    const shop = await stack('nobody')
    await kubectl(['delete', 'deployment', 'source-controller', '-n', controllers])
    await fetched(shop, shop.before)
    await kustomized(shop, applied(shop.before))
    await shop.apply(deployment('web', marks(shop.namespace)))
    const end = await shop.follow()
    await standIns(controllers)
    expect(brief(end)).toEqual({ status: 8, outcome: 'unknown', code: 'E_NO_OPERATOR' })
    expect(end.told.verdict?.message).toContain('no Flux source-controller runs here')
  })

  test('Ctrl-C ends it, and nobody knows', async () => {
    const shop = await stack('stop')
    await fetched(shop, shop.before)
    await kustomized(shop, applied(shop.before))
    await shop.apply(deployment('web', marks(shop.namespace)))
    const { name } = await testSandbox()
    const running = startForge(['follow', '--env', 'prod', '-C', shop.project.dir], { env: { FORGE_SANDBOX: name } })
    await says(running, /has fetched main@/u, 'stderr')
    running.kill('SIGINT')
    const { exitCode, stderr } = await running
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: expect.stringContaining('nothing was written') })
  })
})
