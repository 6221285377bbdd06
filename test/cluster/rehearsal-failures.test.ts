import { beforeAll, describe, expect, test } from '@jest/globals'
import { freshNamespace, objects as list } from '../support/cluster.ts'
import * as sample from '../support/manifests.ts'
import { job, podTemplate } from '../support/pods.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { keyOf } from '../../src/domain/kube.ts'
import { withValues } from '../../src/domain/plan/preserved.ts'
import { chooseFailures } from '../../src/domain/rehearsal/choose.ts'
import { parseWishes } from '../../src/domain/rehearsal/failures.ts'
import type { Tonight } from '../../src/domain/rehearsal/spots.ts'
import { differencesBetween, standingOf, type Standing } from '../../src/domain/rehearsal/standing.ts'

const PROBES = {
  readinessProbe: { httpGet: { path: '/', port: 80 } },
  livenessProbe: { httpGet: { path: '/', port: 80 } },
}
const INIT = { initContainers: [{ name: 'prepare', image: 'example.test/main:1' }] }

function workload(kind: string, name: string, more: Readonly<Record<string, unknown>> = {}, pod = {}): Manifest {
  const matchLabels = { 'app.kubernetes.io/name': name }
  const containers = [{ name: 'main', image: 'example.test/main:1', ...PROBES }]
  const template = podTemplate({ name, spec: { containers, ...INIT, ...pod } })
  return { apiVersion: 'apps/v1', kind, metadata: { name }, spec: { selector: { matchLabels }, template, ...more } }
}

const mounted = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'cache' } }] }
const RUNS = [
  workload('Deployment', 'web', { minReadySeconds: 3 }),
  workload('DaemonSet', 'log'),
  workload('StatefulSet', 'db', { serviceName: 'db' }),
]
/** What comes with tonight's deploy, where its failure is wished. */
const COMES: Readonly<Record<string, readonly Manifest[]>> = {
  migrate: [job({ name: 'migrate', spec: INIT }, { backoffLimit: 1 }) as Manifest],
  files: [sample.claim('cache', '1Gi'), workload('Deployment', 'files', {}, mounted)],
  store: [sample.statefulSet('store', 'store')],
}

let small: Small
let before: Standing

async function standing(): Promise<Standing> {
  const kinds = 'deployments,daemonsets,statefulsets,jobs,services,configmaps,persistentvolumeclaims,secrets'
  const found = await list(kinds, small.namespace)
  return standingOf(found.filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt'))
}

const isNew = ({ metadata }: Manifest): boolean => !RUNS.some((one) => one.metadata.name === metadata.name)

/** The objects of tonight's deploy, in which that failure is written. */
async function failing(wish: string): Promise<{ readonly objects: Manifest[]; readonly expected: readonly string[] }> {
  const [component = ''] = wish.split('=')
  const objects = [...RUNS, ...(COMES[component] ?? [])].map((one) => ({
    ...one,
    metadata: { ...one.metadata, namespace: small.namespace },
  }))
  const claims = await list('persistentvolumeclaims', small.namespace)
  const night: Tonight = {
    objects: objects.map((one) => ({
      object: one as unknown as KubeObject,
      fate: isNew(one) ? 'created' : 'restarted',
    })),
    stages: [],
    components: [],
    hooksCanBeMarked: false,
    claims: new Set(claims.map((one) => keyOf(one as KubeObject))),
  }
  const [chosen] = chooseFailures(parseWishes([wish]), night).failures
  if (chosen === undefined) throw new Error(`nothing was chosen for ${wish}`)
  const { on, values, expected } = chosen
  const marked = objects.map((one) => {
    const object = one as unknown as KubeObject
    return keyOf(object) === keyOf(on) ? withValues(object, values) : one
  })
  return { objects: marked, expected }
}

/** One after the other, in one namespace: what a failure leaves behind is a difference for the next. */
describe('a failure that is let happen where it was wished', () => {
  beforeAll(async () => {
    small = await smallProject(freshNamespace('rehearsed'), 4, RUNS)
    const grace = { missing: '1s', unschedulable: '1s', pull: '1s', volume: '1s' }
    await small.project.configure(['stages'], { all: { wait: ['Deployment/web'], timeout: '60s', grace } })
    expect(await small.deploy()).toMatchObject({ status: 0 })
    before = await standing()
  }, 120_000)

  test.each([
    ['web=init'],
    ['web=liveness'],
    ['web=config-error'],
    ['web=flapping', '--timeout', '5s'],
    ['db=crash-loop'],
    ['db=never-ready', '--timeout', '5s'],
    ['log=oom'],
    ['log=unschedulable'],
    ['migrate=image-network'],
    ['migrate=config-error'],
    ['migrate=unschedulable'],
    ['migrate=crash-loop'],
    ['migrate=oom'],
    ['migrate=init'],
    ['migrate=start'],
    ['migrate=job'],
    ['files=provisioning'],
    ['store=provisioning'],
  ])(
    '%s is told as such, and all is as it was',
    async (wish, ...flags) => {
      const { objects, expected } = await failing(wish)
      await small.render(objects)

      const { report } = await small.deploy(...flags)

      expect(report.outcome).toBe('restored')
      expect(expected).toContain(report.verdict?.code)
      expect(differencesBetween(before, await standing())).toEqual([])
    },
    120_000,
  )
})
