import { expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from './cluster.ts'
import { document } from './forge.ts'
import * as sample from './manifests.ts'
import { changedFields, settled, smallProject, stored, type Manifest, type Small } from './small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

interface Kind {
  readonly name: string
  readonly helm3?: true
  readonly before: readonly Manifest[]
  /** What is deployed next, one after the other. */
  readonly then?: readonly (readonly Manifest[])[]
  readonly flags?: readonly string[]
  readonly byHand?: (namespace: string) => Promise<unknown>
  /** The argument of `forge rollback`. */
  readonly to?: string
  /** Objects that come back as new ones. */
  readonly remade?: readonly string[]
  /** Fields that no rollback brings back. */
  readonly free?: readonly string[]
}

const web = (options: Parameters<typeof sample.web>[0] = {}): Manifest => sample.web({ ...options, probe: true })
const settings = (value: string): Manifest => sample.configMap('settings', { level: value })
const KEEP = { 'helm.sh/resource-policy': 'keep' }

function keptClaim(name: string): Manifest {
  const claim = sample.claim(name, '1Gi')
  const metadata = { ...claim.metadata, annotations: KEEP }
  return { ...claim, metadata }
}

const store = [web({ name: 'store', claim: 'store-data' }), keptClaim('store-data'), sample.service('store')]

const KINDS: readonly Kind[] = [
  {
    name: 'a changed configuration and image',
    helm3: true,
    before: [settings('1'), web({ env: { LEVEL: '1' } })],
    then: [[settings('2'), web({ image: 'example.test/web:2', env: { LEVEL: '2', MORE: 'x' } })]],
  },
  {
    name: 'replicas that somebody changed',
    before: [web({ replicas: 2 })],
    byHand: async (namespace) => await kubectl(['scale', 'deployment/web', '--replicas=3', '-n', namespace]),
    to: '#1',
  },
  {
    name: 'a selector, which cannot be changed in place',
    helm3: true,
    before: [web()],
    then: [[web({ selector: { app: 'web', track: 'b' } })]],
    remade: ['Deployment/web'],
  },
  {
    name: 'a component that was taken away, with its volume',
    helm3: true,
    before: [settings('1'), ...store],
    then: [[settings('1')]],
    remade: ['Deployment/store', 'Service/store'],
  },
  {
    name: 'a component that was added, and a Job',
    before: [settings('1'), sample.job('migrate-a', 'example.test/migrate:1')],
    then: [[settings('1'), sample.job('migrate-b', 'example.test/migrate:2'), web(), sample.service('web')]],
    remade: ['Job/migrate-a'],
  },
  {
    name: 'an upgrade that failed and was left as it was',
    helm3: true,
    before: [settings('1'), web()],
    then: [[settings('2'), web({ image: 'registry.invalid/web:2' }), sample.configMap('more', { a: 'b' })]],
    flags: ['--no-rollback'],
  },
  {
    name: 'three deploys at once',
    before: [settings('1'), web()],
    then: [
      [settings('2'), web({ image: 'example.test/web:2' })],
      [settings('3'), web({ image: 'example.test/web:3', replicas: 2 }), sample.configMap('more', { a: 'b' })],
      [sample.configMap('more', { a: 'c' }), web({ image: 'example.test/web:4' })],
    ],
    to: '1',
    remade: ['ConfigMap/settings'],
  },
  {
    name: 'a claim that has grown since',
    before: [sample.claim('data', '1Gi'), web({ claim: 'data' })],
    then: [[sample.claim('data', '2Gi'), web({ claim: 'data', image: 'example.test/web:2' })]],
    free: ['PersistentVolumeClaim/data spec.resources.requests.storage'],
  },
]

/** One test per kind of change: after the rollback every object is as the target deploy had it, field by field. */
export function rollbackTests(helm: 3 | 4): void {
  const kinds = KINDS.filter(({ helm3 }) => helm === 4 || helm3 === true)
  test.each(kinds)(`forge rollback over $name, with helm ${helm}`, async (kind) => {
    const small = await smallProject(freshNamespace(`back${helm}`), helm, kind.before)
    expect((await small.deploy()).report.verdict).toBeNull()
    const before = await settled(small.namespace)
    for (const objects of kind.then ?? []) {
      await small.render(objects)
      await small.deploy(...(kind.flags ?? []))
    }
    await kind.byHand?.(small.namespace)

    const report = await back(small, kind.to)

    expect(report).toMatchObject({ outcome: 'rolled-back', verdict: null })
    const after = await stored(small.namespace)
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort())
    const changed = [...before].flatMap(([name, was]) =>
      changedFields(was, after.get(name) ?? was).map((field) => `${name} ${field}`),
    )
    const own = (field: string): boolean => isOwn(field, kind)
    expect(changed.filter((field) => !own(field))).toEqual([])
    const remade = [...before].filter(([name, was]) => after.get(name)?.metadata.uid !== was.metadata.uid)
    expect(remade.map(([name]) => name).sort()).toEqual([...(kind.remade ?? [])].sort())
  })
}

/** What the cluster gives to an object that is made again: addresses, and the labels by which a Job finds its pods. */
function isOwn(field: string, { remade = [], free = [] }: Kind): boolean {
  if (free.includes(field)) return true
  return remade.some((name) => field.startsWith(`${name} `)) && /clusterIP|controller-uid|job-name/u.test(field)
}

async function back(small: Small, to: string | undefined): Promise<DeployReport> {
  const ran = await small.run('rollback', [...(to === undefined ? [] : [to]), '--json'])
  const report = document<DeployReport>(ran)
  expect({ status: ran.status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  return report
}
