import { expect, test } from '@jest/globals'
import type { JournalRelease } from '../../src/domain/journal/model.ts'
import { decideRecovery, leftAsItIs } from '../../src/domain/recovery/decide.ts'
import { recoveryRows } from '../../src/screen/recovery.ts'
import type { RecoveryFacts, ReleaseFacts, Revision } from '../../src/domain/recovery/model.ts'
import { entry } from '../support/journal-entry.ts'

const revision = (number: number, status: string): Revision => ({ revision: number, status, description: '' })
const OLD = revision(8, 'deployed')
const API: JournalRelease = { name: 'api', namespace: 'n', revisionBefore: 8 }
const api = (history: readonly Revision[], more: Partial<ReleaseFacts> = {}): ReleaseFacts => {
  return { name: 'api', history, runningJobs: [], missing: [], ...more }
}

function facts(releases: readonly ReleaseFacts[], entries: readonly JournalRelease[], ready = false): RecoveryFacts {
  const killed = entry(43, 'running', { releases: entries })
  return { entry: killed, live: 42, releases, secrets: new Map(), ready }
}

const LEFT_OUT: JournalRelease = {
  name: 'web',
  namespace: 'n',
  revisionBefore: 3,
  revisionAfter: 3,
  leftOut: { deploy: 2, at: '2026-11-20T12:00:00.000Z' },
}

test('a release that the deploy left as it was counts neither as missing, nor as something to go back from', () => {
  const done = facts([api([revision(9, 'deployed'), OLD])], [API, LEFT_OUT], true)
  expect(decideRecovery(done)).toEqual({ end: 'deployed', actions: [] })
  const web = { ...api([revision(7, 'deployed')]), name: 'web' }
  const broken = decideRecovery(facts([api([revision(9, 'failed'), OLD]), web], [API, LEFT_OUT]))
  expect(broken).toMatchObject({ end: 'restored', actions: [{ kind: 'roll-back', release: 'api', from: 9, to: 8 }] })
})

test('what it has written of crds/ stays, and is named, unless all of it counts as deployed', () => {
  const ref = (name: string) => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name })
  const definitions = [
    { ref: ref('cups.example'), isNew: false },
    { ref: ref('mugs.example'), isNew: true },
  ]
  const killed = facts([api([OLD], { definitions })], [API])
  const plan = decideRecovery(killed)
  expect(plan).toMatchObject({ end: 'restored', definitions })
  const screen = { now: Date.parse('2026-11-20T14:00:00Z'), width: undefined, mask: (text: string) => text }
  expect(recoveryRows(killed.entry, plan, 42, screen).slice(-2)).toEqual([
    'stays   CustomResourceDefinition/cups.example of crds/ stays as it made it: what has been stored since may need it',
    '        CustomResourceDefinition/mugs.example of crds/, which it made, stays: deleting it would delete what is stored by it',
  ])
  const failed = facts([api([revision(9, 'failed'), OLD], { definitions })], [API])
  expect(leftAsItIs(decideRecovery(failed))).toMatchObject({ end: 'left', definitions })
  const complete = facts([api([revision(9, 'deployed'), OLD], { definitions })], [API], true)
  expect(decideRecovery(complete)).toEqual({ end: 'deployed', actions: [] })
})
