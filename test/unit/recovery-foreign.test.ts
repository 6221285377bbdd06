import { expect, test } from '@jest/globals'
import type { JournalEntry, JournalStep } from '../../src/domain/journal/model.ts'
import { actionText } from '../../src/screen/recovery.ts'
import { adoptPending, foreignPending, strandedDeploy, whatAdopts } from '../../src/domain/recovery/foreign.ts'
import type { Revision } from '../../src/domain/recovery/model.ts'
import { entry as journalEntry, step } from '../support/journal-entry.ts'

const at = '2026-11-03T12:00:00.000Z'
const done = (name: string): JournalStep => step(name, 'done', at)
const running = (name: string): JournalStep => step(name, 'running', at)
const revision = (number: number, status: string): Revision => ({ revision: number, status, description: '' })
const OLD = revision(8, 'deployed')
const entry = (more: Partial<JournalEntry> = {}): JournalEntry =>
  journalEntry(43, 'running', {
    releases: [{ name: 'api', namespace: 'ns', revisionBefore: 8 }],
    steps: [running('helm upgrade api')],
    ...more,
  })

const stuck = [{ name: 'api', namespace: 'ns', history: [revision(9, 'pending-upgrade'), OLD] }]

test("a release in the middle of something that no deploy of forge began is nobody's to touch", () => {
  const [found, ...others] = foreignPending(stuck, entry({ steps: [running('secrets')] }))
  expect(others).toEqual([])
  expect(found).toEqual({ release: 'api', namespace: 'ns', revision: 9, status: 'pending-upgrade', base: 8 })
  if (found === undefined) return
  expect(whatAdopts(found)).toBe('rolls api back to revision 8')
  expect(whatAdopts({ ...found, base: undefined })).toBe('counts api as failed')
  expect(adoptPending(found).map(actionText)).toEqual([
    'api revision 9 from pending-upgrade to failed',
    'api from revision 9 back to 8',
  ])
})

test('one that forge began is its own; one that is deployed or failed is not stuck', () => {
  expect(foreignPending(stuck, entry())).toEqual([])
  expect(foreignPending([{ name: 'api', namespace: 'ns', history: [revision(9, 'failed'), OLD] }], undefined)).toEqual(
    [],
  )
})

test.each<[string, Partial<JournalEntry>, Revision, boolean]>([
  ['its upgrade', { steps: [done('helm upgrade api')] }, revision(9, 'pending-upgrade'), true],
  [
    'its rollback',
    { steps: [done('helm upgrade api'), done('helm rollback api')] },
    revision(10, 'pending-rollback'),
    true,
  ],
  ['its uninstallation', { steps: [done('helm uninstall api')] }, revision(8, 'uninstalling'), true],
  [
    'nothing: a later revision is somebody else’s',
    { steps: [done('helm upgrade api')] },
    revision(10, 'pending-upgrade'),
    false,
  ],
  ['nothing: it never ran helm', { steps: [done('secrets')] }, revision(9, 'pending-upgrade'), false],
  ['nothing: helm failed by itself', { steps: [done('helm upgrade api')] }, revision(9, 'failed'), false],
  [
    'nothing: it is deployed',
    { steps: [done('helm upgrade api')], state: 'deployed' },
    revision(9, 'pending-upgrade'),
    false,
  ],
])('of a deploy that failed helm was ended in the middle of %s', (_, more, newest, expected) => {
  const failed = entry({ state: 'failed', ...more })
  const found = strandedDeploy(failed, [{ name: 'api', namespace: 'ns', history: [newest, OLD] }])
  expect(found).toBe(expected ? failed : undefined)
})
