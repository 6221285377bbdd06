import { describe, expect, test } from '@jest/globals'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import type { KubeObject, ObjectMeta } from '../../src/domain/kube.ts'
import { keyOf, nameOf } from '../../src/domain/kube.ts'
import { withObjects, withoutObjects } from '../../src/domain/manifest/moved-objects.ts'
import { parseManifest, type Rendered } from '../../src/domain/manifest/parse.ts'
import { isMoveRecord, movedText, takesFrom } from '../../src/domain/plan/take-over.ts'
import { planUninstall } from '../../src/domain/plan/uninstall.ts'
import { decideRecovery, isComplete, standOf } from '../../src/domain/recovery/decide.ts'
import type { Revision } from '../../src/domain/recovery/model.ts'
import { actionText } from '../../src/screen/recovery.ts'
import { entry } from '../support/journal-entry.ts'
import { APP, deployment, pod, replicaSet, set, waiting } from './readiness-objects.ts'
import { Deploy } from './readiness-scene.ts'

const SHOP = { name: 'shop', namespace: 'n' }
const DB = { name: 'db', namespace: 'n' }

const object = (name: string, metadata: Partial<ObjectMeta> = {}): KubeObject => {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n', ...metadata } }
}
const of = (release: string, namespace = 'n'): Partial<ObjectMeta> => ({
  annotations: { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace },
})
const rendered = (...names: readonly string[]): Rendered[] =>
  names.map((name) => ({ object: object(name), template: 'c/templates/a.yaml' }))
const HOOK = { events: ['post-install'], deletePolicy: [], weight: 0 }
const live = (...objects: readonly KubeObject[]): Map<string, KubeObject> =>
  new Map(objects.map((one) => [keyOf(one), one]))

describe('what db takes from shop', () => {
  const takes = (
    found: KubeObject | undefined,
    given: { db?: Rendered[]; before?: Rendered[]; after?: Rendered[] } = {},
  ): string[] => {
    const giver = { release: SHOP, previous: given.before ?? rendered('a'), rendered: given.after ?? [] }
    const taker = { release: DB, rendered: given.db ?? rendered('a') }
    return takesFrom(taker, [giver], found === undefined ? live() : live(found)).flatMap((one) =>
      one.objects.map((it) => nameOf(it.object)),
    )
  }
  const a = object('a', of('shop'))

  test.each<[string, string[], string[]]>([
    ['what is shop’s and goes from its chart to that of db', takes(a), ['ConfigMap/a']],
    ['what bears the marks of db, and shop’s record still has', takes(object('a', of('db'))), ['ConfigMap/a']],
    ['not what shop still renders', takes(a, { after: rendered('a') }), []],
    ['not what db does not render', takes(a, { db: rendered('b') }), []],
    ['not what shop never had', takes(a, { before: rendered('b') }), []],
    ['not what is gone: helm makes it', takes(undefined), []],
    ['not what is being deleted', takes(object('a', { ...of('shop'), deletionTimestamp: 'now' })), []],
    ['not what belongs to a third release', takes(object('a', of('other'))), []],
    ['not what a release of that name elsewhere has', takes(object('a', of('shop', 'elsewhere'))), []],
    ['not what belongs to nobody', takes(object('a')), []],
    ['not a hook of db', takes(a, { db: [{ object: object('a'), template: 't', hook: HOOK }] }), []],
    ['not what was a hook of shop', takes(a, { before: [{ object: object('a'), template: 't', hook: HOOK }] }), []],
    ['not a definition of crds/', takes(a, { db: [{ object: object('a'), template: 'c/crds/a.yaml' }] }), []],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected)
  })
})

describe('records of objects that move', () => {
  const text = `---\n# Source: c/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a # as it was\n---\n# Source: c/templates/b.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n`
  const names = (manifest: string): string[] =>
    parseManifest(manifest, 'n', () => true)
      .map((one) => nameOf(one.object))
      .sort()

  test('one loses it, the other gets it, once', () => {
    const [a] = parseManifest(text, 'n', () => true)
    if (a === undefined) throw new Error('it has two')
    const left = withoutObjects(text, [keyOf(a.object)], 'n')
    expect([names(left), left]).toEqual([['ConfigMap/b'], expect.stringContaining('# Source: c/templates/b.yaml')])
    expect(names(withObjects(left, [a], 'n'))).toEqual(['ConfigMap/a', 'ConfigMap/b'])
    expect(names(withObjects(withObjects(left, [a], 'n'), [a], 'n'))).toEqual(['ConfigMap/a', 'ConfigMap/b'])
    expect([withObjects(text, [], 'n'), withoutObjects(text, ['/ConfigMap/n/c'], 'n')]).toEqual([text, text])
  })

  test('say so themselves', () => {
    expect(isMoveRecord({ description: movedText(['ConfigMap/a'], 'to db') })).toBe(true)
    expect(isMoveRecord({ description: 'Upgrade complete' })).toBe(false)
  })
})

describe('a deploy that was killed while objects moved', () => {
  const revision = (number: number, status: string, description = ''): Revision => {
    return { revision: number, status, description }
  }
  const MOVED = movedText(['ConfigMap/a'], 'to db')
  const facts = (name: string, history: readonly Revision[]) => ({ name, history, runningJobs: [], missing: [] })
  const dead = (...ops: readonly JournalEntry['steps'][number]['operation'][]): JournalEntry =>
    entry(2, 'running', {
      releases: [
        { name: 'db', namespace: 'n', takes: [{ from: 'shop', namespace: 'n', objects: [] }] },
        { name: 'shop', namespace: 'n', revisionBefore: 1 },
      ],
      steps: ops.map((operation) => ({ operation, outcome: 'running', startedAt: '' })),
    })
  const RE_OWN = { op: 're-own', release: 'db', from: ['shop'] } as const
  const before = [revision(1, 'deployed')]
  const moved = [revision(2, 'deployed', MOVED), revision(1, 'superseded')]
  const upgraded = [revision(3, 'deployed', 'Upgrade complete'), ...moved]

  test.each([
    ['before it began', dead(), before, [], []],
    ['with the marks alone', dead(RE_OWN), before, [], ['objects of db back to shop']],
    ['with the records', dead(RE_OWN), moved, [], ['objects of db back to shop', 'shop from revision 2 back to 1']],
    [
      'in the upgrade of the one that takes',
      dead(RE_OWN, { op: 'upgrade', release: 'db' }),
      moved,
      [revision(1, 'pending-install')],
      ['objects of db back to shop', 'shop from revision 2 back to 1', 'db revision 1 from pending-install to failed'],
    ],
  ] as const)('%s', (_, killed, shop, db, expected) => {
    const releases = [facts('db', db), facts('shop', shop)]
    const { actions, end } = decideRecovery({ entry: killed, live: 1, releases, secrets: new Map(), ready: false })
    expect([actions.map(actionText), end]).toEqual([expected, 'restored'])
  })

  test('is not complete because its records are there, nor once it gives back', () => {
    expect(standOf({ name: 'shop', namespace: 'n', revisionBefore: 1 }, moved)).toMatchObject({ kind: 'broken' })
    expect(standOf({ name: 'shop', namespace: 'n', revisionBefore: 2 }, moved)).toMatchObject({ kind: 'untouched' })
    const all = [facts('db', [revision(1, 'deployed')]), facts('shop', upgraded)]
    expect(isComplete(dead(RE_OWN), all)).toBe(true)
    expect(isComplete(dead(RE_OWN, { op: 'give-back', release: 'db', from: ['shop'] }), all)).toBe(false)
  })
})

test('an uninstallation leaves what belongs to another release by now, whatever helm’s record has', () => {
  const [mine, theirs] = [object('mine', of('shop')), object('theirs', of('db'))]
  const manifest = rendered('mine', 'theirs')
  const found = { live: live(mine, theirs), claims: [], instances: new Map(), deleteData: false }
  const plan = planUninstall('shop', manifest, found)
  expect([plan.goes.map(nameOf), plan.stays, plan.kept]).toEqual([['ConfigMap/mine'], [], []])
  expect(plan.endangered).toEqual([theirs])
})

test('a broken workload that is only marked counts as broken when helm has written it, and not before', () => {
  const before = deployment({ status: { availableReplicas: 0 } })
  const broken = pod({ ready: false, containers: [waiting('InvalidImageName')] })
  const again = pod({ name: 'app-r1-y', ready: false, containers: [waiting('InvalidImageName')] })
  const deploy = new Deploy([APP]).see(set(before, replicaSet(), broken)).begin()
  deploy.judge.marking([before.metadata.uid ?? ''])
  const marked = deployment({ generation: 2, status: { availableReplicas: 0 } })
  expect(deploy.see(set(marked, again)).says(APP)).toMatch(/^progressing/u)
  deploy.judge.marked([marked])
  expect(deploy.see(set(broken)).says(APP)).toMatch(/^progressing/u)
  const written = deployment({ generation: 3, status: { availableReplicas: 0 } })
  expect(deploy.see(set(written, again)).says(APP)).toBe('failed E_IMAGE_PULL')
})
