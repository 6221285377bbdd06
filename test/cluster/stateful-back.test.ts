import { describe, expect, test } from '@jest/globals'
import { freshNamespace, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { podTemplate } from '../support/pods.ts'
import { moved, settled, smallProject, stored, type Manifest, type Small } from '../support/small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

interface Database {
  readonly image?: string
  readonly fail?: string
  readonly replicas?: number
  /** Names of its claim templates. */
  readonly claims?: readonly string[]
}

/** As most charts have it: OrderedReady, a claim for each pod. */
function database({ image = 'db:1', fail, replicas = 2, claims = ['data'] }: Database = {}): Manifest {
  const volumeMounts = claims.map((name) => ({ name, mountPath: `/${name}` }))
  const readinessProbe = { tcpSocket: { port: 5432 } }
  const containers = [{ name: 'main', image: `example.test/${image}`, volumeMounts, readinessProbe }]
  const resources = { requests: { storage: '1Gi' } }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      serviceName: 'db',
      replicas,
      selector: { matchLabels: { 'app.kubernetes.io/name': 'db' } },
      template: podTemplate({ name: 'db', steer: fail === undefined ? {} : { fail }, spec: { containers } }),
      volumeClaimTemplates: claims.map((name) => ({
        metadata: { name },
        spec: { accessModes: ['ReadWriteOnce'], resources },
      })),
    },
  }
}

interface PodOf {
  readonly containers: readonly { readonly image: string }[]
  readonly volumes: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[]
}

/** `db-0 example.test/db:1 data-db-0`, of pods that are ready. */
async function running({ namespace }: Small): Promise<string[]> {
  const pods = (await objects('pods', namespace)).filter(({ status }) =>
    (status?.['conditions'] as { type: string; status: string }[]).some(
      (one) => one.type === 'Ready' && one.status === 'True',
    ),
  )
  return pods
    .map(({ metadata, spec }) => {
      const { containers, volumes } = spec as unknown as PodOf
      const claims = volumes.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []).sort()
      return [metadata.name, containers[0]?.image, ...claims].join(' ')
    })
    .sort()
}

const both = (image: string): string[] => [
  `db-0 example.test/${image} data-db-0`,
  `db-1 example.test/${image} data-db-1`,
]

async function deployed(small: Small, next: Database, ...flags: string[]): Promise<DeployReport> {
  await small.render([database(next)])
  return (await small.deploy(...flags)).report
}

async function first(name: string, helm: 3 | 4): Promise<Small> {
  const small = await smallProject(freshNamespace(name), helm, [database()])
  expect((await small.deploy()).report.verdict).toBeNull()
  return small
}

describe.each([3, 4] as const)('a StatefulSet whose new revision crashes, with helm %i', (helm) => {
  test('is back by itself: exit status 4, proven', async () => {
    const small = await first(`sts${helm}`, helm)
    const before = await settled(small.namespace)
    const report = await deployed(small, { image: 'db:2', fail: 'crash-loop' })
    expect(report).toMatchObject({ outcome: 'restored', verdict: { code: 'E_CRASH_LOOP' } })
    expect(await running(small)).toEqual(both('db:1'))
    expect(moved(before, await stored(small.namespace))).toEqual({ 'StatefulSet/db': 'change' })
  })

  test('is back by forge rollback', async () => {
    const small = await first(`stsback${helm}`, helm)
    await deployed(small, { image: 'db:2', fail: 'crash-loop' }, '--no-rollback')
    const report = document<DeployReport>(await small.run('rollback', ['1', '--json']))
    expect(report).toMatchObject({ outcome: 'rolled-back', verdict: null })
    expect(await running(small)).toEqual(both('db:1'))
  })

  test('is mended by the next deploy', async () => {
    const small = await first(`stsfix${helm}`, helm)
    await deployed(small, { image: 'db:2', fail: 'crash-loop' }, '--no-rollback')
    expect(await deployed(small, { image: 'db:3' })).toMatchObject({ outcome: 'deployed', verdict: null })
    expect(await running(small)).toEqual(both('db:3'))
  })
})

test('a StatefulSet whose first install crashes is mended by the next deploy', async () => {
  const small = await smallProject(freshNamespace('stsnew'), 4, [database({ fail: 'crash-loop' })])
  expect((await small.deploy()).status).toBe(5)
  expect(await deployed(small, { image: 'db:2' })).toMatchObject({ outcome: 'deployed', verdict: null })
  expect(await running(small)).toEqual(both('db:2'))
})

test('a revision that never becomes ready is left, too', async () => {
  const small = await first('stsslow', 4)
  await small.project.configure(['stages'], { db: { wait: ['StatefulSet/db'], timeout: '4s' } })
  const report = await deployed(small, { image: 'db:2', fail: 'never-ready' })
  expect(report).toMatchObject({ outcome: 'restored', verdict: { code: 'E_PROBE_FAILING' } })
  expect(await running(small)).toEqual(both('db:1'))
})

describe.each([3, 4] as const)('a StatefulSet that is made anew for another claim, with helm %i', (helm) => {
  const wide = { image: 'db:2', claims: ['data', 'wal'] }
  const widened = ['db-0 example.test/db:2 data-db-0 wal-db-0', 'db-1 example.test/db:2 data-db-1 wal-db-1']

  test('is ready when its pods have the claim', async () => {
    const small = await first(`stsnewclaim${helm}`, helm)
    expect(await deployed(small, wide)).toMatchObject({ outcome: 'deployed', verdict: null })
    expect(await running(small)).toEqual(widened)
  })

  test('goes back to pods without it', async () => {
    const small = await first(`stsclaimback${helm}`, helm)
    const report = await deployed(small, { ...wide, fail: 'crash-loop' })
    expect(report).toMatchObject({ outcome: 'restored', verdict: { code: 'E_CRASH_LOOP' } })
    expect(await running(small)).toEqual(both('db:1'))
  })
})
