import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startForge } from '../support/forge.ts'
import {
  deployment,
  stack,
  marks,
  fetched,
  kustomized,
  applied,
  refused,
  brief,
  prepareFollowing,
  removeFollowed,
  never,
} from '../support/followed-stack.ts'
import { testSandbox } from '../support/sandbox.ts'
import { says } from '../support/says.ts'

beforeAll(prepareFollowing)
afterAll(removeFollowed)

describe('what a Kustomization applies', () => {
  test('is waited for by a watch, and then proven', async () => {
    const shop = await stack('ok')
    await fetched(shop, shop.before)
    await kustomized(shop, applied(shop.before))
    await shop.apply(deployment('web', marks(shop.namespace)))
    const { name } = await testSandbox()
    const running = startForge(['follow', '--env', 'prod', '-C', shop.project.dir], { env: { FORGE_SANDBOX: name } })
    await says(running, /has fetched main@/u, 'stderr')
    await fetched(shop, shop.head)
    await kustomized(shop, applied(shop.head))
    const { exitCode, stdout, stderr } = await running
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(`${shop.head.slice(0, 12)} is applied to prod`)
    expect(stderr).toContain('HEAD of this checkout')

    const again = await shop.follow('--revision', shop.head.slice(0, 8))
    expect(again.told).toMatchObject({
      outcome: 'applied',
      revision: shop.head,
      owners: [{ object: `Kustomization ${shop.namespace}/shop`, revision: shop.head }],
      steps: [
        { name: 'Flux', outcome: 'done' },
        { name: 'web', outcome: 'done' },
      ],
      verdict: null,
    })
  })

  test('and cannot be built fails with its reason, and the hint takes the commit back in Git', async () => {
    const shop = await stack('build')
    await fetched(shop, shop.head)
    await kustomized(shop, refused(shop.head, shop.before, 'BuildFailed', 'kustomize build failed: no such file'))
    await shop.apply(deployment('web', marks(shop.namespace)))
    const end = await shop.follow()
    expect(brief(end)).toEqual({ status: 4, outcome: 'failed', code: 'E_FOLLOW_FAILED' })
    expect(end.told.verdict).toMatchObject({
      message: expect.stringContaining('BuildFailed: kustomize build failed: no such file'),
      chain: [`Kustomization ${shop.namespace}/shop`, 'BuildFailed'],
      hint: `git -C ${shop.project.dir} revert --no-edit ${shop.head} && git -C ${shop.project.dir} push`,
    })
    expect(end.told.evidence).not.toBeNull()
  })

  test('and whose pods do not become ready fails in its stage', async () => {
    const shop = await stack('pods')
    await fetched(shop, shop.head)
    await kustomized(shop, applied(shop.head))
    await shop.apply(deployment('web', marks(shop.namespace), 'missing.invalid/web:1'))
    const end = await shop.follow()
    expect(brief(end)).toEqual({ status: 4, outcome: 'failed', code: 'E_IMAGE_PULL' })
    expect(end.told.verdict?.hint).toContain(`revert --no-edit ${shop.head}`)
    expect(end.told.steps).toMatchObject([{ outcome: 'done' }, { name: 'web', outcome: 'failed' }])
  })

  test.each([
    ['a suspended Kustomization', { suspend: true }, {}, 'kustomization.kustomize.toolkit.fluxcd.io shop'],
    ['a suspended source', {}, { suspend: true }, 'gitrepository.source.toolkit.fluxcd.io shop'],
  ])('is not waited for with %s', async (_, own, source, hint) => {
    const shop = await stack('held')
    await fetched(shop, shop.before, source)
    await kustomized(shop, applied(shop.before), own)
    await shop.apply(deployment('web', marks(shop.namespace)))
    const end = await shop.follow('--timeout', '10m')
    expect(brief(end)).toEqual({ status: 8, outcome: 'unknown', code: 'E_FOLLOW_SUSPENDED' })
    expect(end.told.verdict?.hint).toContain(`patch ${hint} --type=merge --patch '{"spec":{"suspend":false}}'`)
  })

  test('was overtaken: which one came is said', async () => {
    const shop = await stack('past')
    await fetched(shop, shop.head)
    await kustomized(shop, applied(shop.head))
    await shop.apply(deployment('web', marks(shop.namespace)))
    const end = await shop.follow('--revision', shop.before)
    expect(brief(end)).toEqual({ status: 8, outcome: 'unknown', code: 'E_FOLLOW_SUPERSEDED' })
    expect(end.told.verdict?.message).toContain(
      `${shop.before.slice(0, 12)} was overtaken by main@${shop.head.slice(0, 12)}`,
    )
  })

  test('does not come: the time is up, and what is waited for is said', async () => {
    const shop = await stack('late')
    await fetched(shop, shop.before)
    await kustomized(shop, applied(shop.before))
    await shop.apply(deployment('web', marks(shop.namespace)))
    const end = await shop.follow('--timeout', '2s')
    expect(brief(end)).toEqual({ status: 8, outcome: 'unknown', code: 'E_FOLLOW_TIMEOUT' })
    expect(end.told.verdict?.message).toContain(
      `GitRepository ${shop.namespace}/shop has fetched main@${shop.before.slice(0, 12)}`,
    )
  })

  test('depends on another one that fails', async () => {
    const shop = await stack('needs')
    await fetched(shop, shop.head)
    await kustomized(shop, refused(shop.head, shop.before, 'BuildFailed', 'no base'), {}, 'base')
    const waits = refused(
      shop.head,
      shop.before,
      'DependencyNotReady',
      `dependency '${shop.namespace}/base' is not ready`,
    )
    await kustomized(
      shop,
      { ...waits, lastAttemptedRevision: `main@sha1:${shop.before}` },
      { dependsOn: [{ name: 'base' }] },
    )
    await shop.apply(deployment('web', marks(shop.namespace)))
    const end = await shop.follow()
    expect(brief(end)).toEqual({ status: 4, outcome: 'failed', code: 'E_FOLLOW_FAILED' })
    expect(end.told.verdict?.chain).toEqual([
      `Kustomization ${shop.namespace}/shop`,
      `Kustomization ${shop.namespace}/base`,
      'BuildFailed',
    ])
  })

  test('lacks what a stage waits for', async () => {
    const shop = await stack('lack')
    await fetched(shop, shop.head)
    await kustomized(shop, applied(shop.head))
    await shop.apply(deployment('other', marks(shop.namespace)))
    await shop.project.configure(['stages', 'web', 'optional'], ['Deployment/other'])
    const end = await shop.follow()
    expect(brief(end)).toEqual({ status: 4, outcome: 'failed', code: 'E_OBJECT_GONE' })
    expect(end.told.verdict?.message).toContain('Deployment/web, which stage web waits for, is not there')
  })

  test('brings another workload that no stage names: its inventory tells', async () => {
    const shop = await stack('inv')
    await fetched(shop, shop.head)
    const entries = [{ id: `${shop.namespace}_worker_apps_Deployment`, v: 'v1' }]
    await kustomized(shop, { ...applied(shop.head), inventory: { entries } })
    await shop.apply(
      deployment('web', marks(shop.namespace)),
      deployment('worker', marks(shop.namespace), 'missing.invalid/worker:1'),
    )
    expect(brief(await shop.follow())).toEqual({ status: 4, outcome: 'failed', code: 'E_IMAGE_PULL' })
  })

  test('is overtaken while it is proven', async () => {
    const shop = await stack('during')
    await fetched(shop, shop.head)
    await kustomized(shop, applied(shop.head))
    await shop.project.configure(['stages', 'web', 'timeout'], '5m')
    await shop.apply({ ...deployment('web', marks(shop.namespace)), ...never('web') })
    const { name } = await testSandbox()
    const running = startForge(['follow', '--env', 'prod', '-C', shop.project.dir], { env: { FORGE_SANDBOX: name } })
    await says(running, /is applied by/u, 'stderr')
    const other = '9'.repeat(40)
    await fetched(shop, other)
    await kustomized(shop, applied(other))
    const { exitCode, stderr } = await running
    expect({ exitCode, stderr }).toEqual({ exitCode: 8, stderr: expect.stringContaining('E_FOLLOW_SUPERSEDED') })
  })
})
