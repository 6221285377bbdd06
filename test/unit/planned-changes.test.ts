import { expect, test } from '@jest/globals'
import { redacted } from '../../src/domain/journal/entry.ts'
import type { ObjectPlan } from '../../src/domain/plan/model.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { plannedChanges } from '../../src/screen/planned-changes.ts'
import { entry } from '../support/journal-entry.ts'

const SECRET = 'tops3cret-value-of-a-token'
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name: 'web' }

test('secrets are masked in what was to change, and in the entry', () => {
  const redactor = new Redactor()
  redactor.add(SECRET)
  const change = (after: string) => ({ path: 'spec.x', before: 'a', after })
  const plan: ObjectPlan = {
    ...{ ref: deployment, release: 'r', action: 'change', drift: [], conflicts: [], template: '' },
    changes: [change(`${'y'.repeat(285)}${SECRET}`), change(`line\n${SECRET}`)],
  }
  const secret: ObjectPlan = {
    ...plan,
    ref: { apiVersion: 'v1', kind: 'Secret', namespace: 'n', name: 's' },
    changes: [{ path: 'data.key', before: 'b2xk', after: 'bmV3' }],
  }
  const planned = plannedChanges([plan, secret], [], (text) => redactor.text(text))
  const told = JSON.stringify(planned)
  expect(told).not.toContain(SECRET.slice(0, 8))
  expect(told).not.toMatch(/b2xk|bmV3/u)
  const raw = plannedChanges([plan], [], (text) => text)
  expect(JSON.stringify(redacted(entry(1, 'failed', { planned: raw }), redactor))).not.toContain(SECRET)
})

test('what a variable is called, or looks like, keeps its value out of the journal, whoever wrote it', () => {
  const env = 'spec.template.spec.containers[app].env'
  const changes = [
    { path: `${env}[DB_PASSWORD].value`, before: 'written-by-hand', after: 'by-the-chart' },
    { path: `${env}[API_TOKEN]`, before: { name: 'API_TOKEN', value: 'only-a-hand-knows' }, after: undefined },
    { path: `${env}[DATABASE]`, before: undefined, after: { name: 'DATABASE', value: 'postgres://u:hunter2@db/x' } },
    { path: 'data.apiKey', before: 'abc', after: 'abd' },
    { path: `${env}[LOG_LEVEL].value`, before: 'info', after: 'debug' },
    { path: `${env}[PASSWORD_FILE].value`, before: '/run/a', after: '/run/b' },
  ]
  const plan: ObjectPlan = {
    ...{ ref: deployment, release: 'r', action: 'change', changes, drift: [], conflicts: [], template: '' },
  }
  const [object] = plannedChanges([plan], [], (text) => text).objects
  expect(object?.fields.map(({ text }) => text)).toEqual([
    'changes (value not shown)',
    'is removed (value not shown)',
    'is added (value not shown)',
    'changes (value not shown)',
    'info → debug',
    '/run/a → /run/b',
  ])
})

test('what was to change has a bound, and says what is left out', () => {
  const changes = Array.from({ length: 100 }, (_, number) => ({
    path: `data.k${number}`,
    before: 'a',
    after: 'z\n'.repeat(5000),
  }))
  const plan = (name: string): ObjectPlan => ({
    ...{ ref: { ...deployment, kind: 'ConfigMap', name }, release: 'r', action: 'change', changes },
    ...{ drift: [], conflicts: [], template: '' },
  })
  const planned = plannedChanges(
    Array.from({ length: 1000 }, (_, number) => plan(`c${number}`)),
    [],
    (text) => text,
  )
  expect(planned.objects).toHaveLength(200)
  expect(planned.more).toBe(800)
  expect(planned.objects[0]?.more).toBe(60)
  expect(planned.objects[0]?.fields[0]).toMatchObject({ isCut: true })
  expect(JSON.stringify(planned).length).toBeLessThan(300_000)
})
