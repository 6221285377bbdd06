import { expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from './cluster.ts'
import * as sample from './manifests.ts'
import { changedFields, covers, moved, named, settled, smallProject, stored, type Manifest } from './small.ts'

interface Kind {
  readonly name: string
  /** Absent: nothing was deployed. */
  readonly before?: readonly Manifest[]
  /** What the chart renders next; the same as before unless said. */
  readonly after?: readonly Manifest[]
  /** What somebody does between the deploys. */
  readonly byHand?: (namespace: string) => Promise<unknown>
  readonly drift?: unknown
  /** What the plan must name. */
  readonly changes: Readonly<Record<string, string>>
  /** Fields that must be as they were before, whatever the chart says. */
  readonly survives?: readonly (readonly [object: string, path: string])[]
  /** Who else owns a field decides, which both majors of helm ask in their own way: with both in the short form too. */
  readonly owners?: true
}

const settings = (value: string): Manifest => sample.configMap('settings', { level: value })

function hand(...args: readonly string[]): (namespace: string) => Promise<unknown> {
  return async (namespace) => await kubectl([...args, '--namespace', namespace])
}

const scaled = hand('scale', 'deployment/web', '--replicas=3')
const edited = hand('patch', 'configmap', 'settings', '--type=merge', '--patch', '{"data":{"level":"hand"}}')

const KINDS: readonly Kind[] = [
  {
    name: 'first install',
    after: [settings('1'), sample.web(), sample.job('once', 'example.test/job:1')],
    changes: { 'ConfigMap/settings': 'create', 'Deployment/web': 'create', 'Job/once': 'create' },
  },
  {
    name: 'create',
    before: [settings('1')],
    after: [settings('1'), sample.configMap('more', { a: 'b' })],
    changes: { 'ConfigMap/more': 'create' },
  },
  {
    name: 'change',
    before: [settings('1'), sample.web()],
    after: [settings('2'), sample.web()],
    changes: { 'ConfigMap/settings': 'change' },
  },
  {
    name: 'an empty text comes and another goes',
    before: [sample.configMap('more', { a: 'b', old: '' })],
    after: [sample.configMap('more', { a: 'b', now: '' })],
    changes: { 'ConfigMap/more': 'change' },
  },
  {
    name: 'delete',
    before: [settings('1'), sample.configMap('more', { a: 'b' })],
    after: [settings('1')],
    changes: { 'ConfigMap/more': 'delete' },
  },
  {
    name: 'image',
    before: [settings('1'), sample.web()],
    after: [settings('1'), sample.web({ image: 'example.test/web:2' })],
    changes: { 'Deployment/web': 'change' },
  },
  {
    name: 'replicas',
    before: [sample.web()],
    after: [sample.web({ replicas: 2 })],
    changes: { 'Deployment/web': 'change' },
  },
  {
    name: 'an environment variable is withdrawn',
    owners: true,
    before: [sample.web({ env: { A: '1', B: '2' } })],
    after: [sample.web({ env: { A: '1' } })],
    changes: { 'Deployment/web': 'change' },
  },
  {
    name: 'scaled by hand, overwritten',
    owners: true,
    before: [sample.web()],
    byHand: scaled,
    drift: 'overwrite',
    changes: { 'Deployment/web': 'change' },
  },
  {
    name: 'scaled by hand, preserved',
    before: [settings('1'), sample.web()],
    after: [settings('2'), sample.web({ image: 'example.test/web:2' })],
    byHand: scaled,
    drift: { preserve: ['Deployment/web:spec.replicas'] },
    changes: { 'ConfigMap/settings': 'change', 'Deployment/web': 'change' },
    survives: [['Deployment/web', 'spec.replicas']],
  },
  {
    name: 'edited by hand, overwritten',
    before: [settings('1'), sample.web()],
    byHand: edited,
    drift: 'overwrite',
    changes: { 'ConfigMap/settings': 'change' },
  },
  {
    name: 'env added by hand',
    owners: true,
    before: [settings('1'), sample.web({ env: { A: '1' } })],
    after: [settings('1'), sample.web({ env: { A: '2' } })],
    byHand: hand('set', 'env', 'deployment/web', 'ADDED=1'),
    changes: { 'Deployment/web': 'change' },
    survives: [['Deployment/web', 'spec.template.spec.containers[web].env[ADDED].value']],
  },
  {
    name: 'annotation by a controller',
    owners: true,
    before: [settings('1'), sample.web()],
    after: [settings('1'), sample.web({ replicas: 2 })],
    byHand: hand('annotate', 'deployment/web', 'controller.example.test/seen=yes', '--field-manager=controller'),
    changes: { 'Deployment/web': 'change' },
    survives: [['Deployment/web', "metadata.annotations.'controller.example.test/seen'"]],
  },
  {
    name: 'selector',
    before: [settings('1'), sample.web()],
    after: [settings('1'), sample.web({ selector: { app: 'web', track: 'a' } })],
    changes: { 'Deployment/web': 'replace' },
  },
  {
    name: 'Job',
    before: [settings('1'), sample.job('once', 'example.test/job:1')],
    after: [settings('1'), sample.job('once', 'example.test/job:2')],
    changes: { 'Job/once': 'replace' },
  },
  {
    name: 'clusterIP',
    before: [sample.service('web')],
    after: [sample.service('web', { clusterIP: 'None' })],
    changes: { 'Service/web': 'replace' },
  },
  {
    name: 'claim growth',
    before: [sample.claim('data', '1Gi'), sample.web({ claim: 'data' })],
    after: [sample.claim('data', '2Gi'), sample.web({ claim: 'data' })],
    changes: { 'PersistentVolumeClaim/data': 'change' },
  },
  {
    name: 'claim template growth',
    before: [sample.service('db'), sample.statefulSet('db', 'db', '1Gi')],
    after: [sample.service('db'), sample.statefulSet('db', 'db', '2Gi')],
    changes: { 'PersistentVolumeClaim/data-db-0': 'change', 'StatefulSet/db': 'replace' },
  },
  {
    name: 'StatefulSet service',
    before: [sample.service('db'), sample.statefulSet('db', 'db')],
    after: [sample.service('db'), sample.statefulSet('db', 'other')],
    changes: { 'StatefulSet/db': 'replace' },
  },
  {
    name: 'Secret type',
    before: [sample.secret('login', { a: 'b' })],
    after: [sample.secret('login', { a: 'b' }, 'example.test/login')],
    changes: { 'Secret/login': 'replace' },
  },
  {
    name: 'immutable ConfigMap',
    before: [sample.configMap('fixed', { a: '1' }, { immutable: true })],
    after: [sample.configMap('fixed', { a: '2' }, { immutable: true })],
    changes: { 'ConfigMap/fixed': 'replace' },
  },
  { name: 'unchanged', before: [settings('1'), sample.web()], changes: {} },
]

/** For the short form: each kind with one major of helm, in turn, and with both where owners of fields decide. */
function ofShort(helm: 3 | 4): readonly Kind[] {
  return KINDS.filter(({ owners }, place) => owners === true || place % 2 === helm % 2)
}

/** Each kind of change by one major version of helm: what changes is what the plan named, and nothing is left to plan then. */
export function provePlans(helm: 3 | 4, form: 'long' | 'short'): void {
  test.each(form === 'long' ? KINDS : ofShort(helm))(
    '$name',
    async ({ name, before, after, byHand, drift, changes, survives = [] }) => {
      const small = await smallProject(
        freshNamespace(
          `kind${helm}-${name
            .toLowerCase()
            .replace(/[^a-z]+/gu, '')
            .slice(0, 12)}`,
        ),
        helm,
        before ?? [],
      )
      if (drift !== undefined) await small.drift(drift)
      const first = before === undefined ? undefined : await small.deploy()
      expect(first?.report.verdict ?? null).toBeNull()
      await byHand?.(small.namespace)
      if (after !== undefined) await small.render(after)
      const old = await settled(small.namespace)

      const plan = await small.plan()
      expect(named(plan)).toEqual(changes)
      expect(moved(old, await stored(small.namespace))).toEqual({})

      const { status, report } = await small.deploy()
      expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
      const now = await stored(small.namespace)
      expect(moved(old, now)).toEqual(changes)
      for (const object of plan.objects.filter(({ action }) => action === 'change')) {
        const [was, is] = [old.get(object.object), now.get(object.object)]
        if (was === undefined || is === undefined) throw new Error(`${object.object} is not there`)
        const fields = changedFields(was, is)
        const paths = object.changes.map(({ path }) => path)
        expect(fields.filter((field) => !paths.some((path) => covers(path, field)))).toEqual([])
        expect(paths.filter((path) => !fields.some((field) => covers(path, field)))).toEqual([])
      }
      for (const [object, path] of survives) {
        const [was, is] = [old.get(object), now.get(object)]
        if (was === undefined || is === undefined) throw new Error(`${object} is not there`)
        expect(changedFields(was, is)).not.toContain(path)
        expect(changedFields(is, { ...is, spec: {}, metadata: { ...is.metadata, annotations: {} } })).toContain(path)
      }
      expect(await small.plan()).toMatchObject({ unchanged: true })
    },
  )
}
