import { expect, test } from '@jest/globals'
import type { JournalEntry, JournalStep } from '../../src/domain/journal/model.ts'
import { decideRecovery, leftAsItIs } from '../../src/domain/recovery/decide.ts'
import { actionText, recoveryRows, stoppedAt, whatHappened } from '../../src/screen/recovery.ts'
import type { RecoveryFacts, ReleaseFacts, Revision } from '../../src/domain/recovery/model.ts'
import { reasonText } from '../../src/screen/operation.ts'
import { step } from '../support/journal-entry.ts'

const at = '2026-11-03T12:00:00.000Z'
const done = (name: string): JournalStep => step(name, 'done', at)
const running = (name: string): JournalStep => step(name, 'running', at)

function entry(more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    number: 43,
    project: 'api',
    environment: 'prod',
    namespace: 'api',
    command: 'forge deploy --env prod',
    by: 'ops@ci',
    state: 'running',
    startedAt: at,
    releases: [{ name: 'api', namespace: 'api', revisionBefore: 8 }],
    secrets: [],
    configuration: { releases: [], stages: [], verify: [] },
    steps: [running('helm upgrade api')],
    ...more,
  }
}

const FIRST = { releases: [{ name: 'api', namespace: 'api' }] }
const revision = (number: number, status: string, description = ''): Revision => ({
  revision: number,
  status,
  description,
})
const api = (history: readonly Revision[], more: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  name: 'api',
  history,
  runningJobs: [],
  missing: [],
  ...more,
})

function facts(releases: readonly ReleaseFacts[], more: Partial<RecoveryFacts> = {}): RecoveryFacts {
  return { entry: entry(), live: 42, releases, secrets: new Map(), ready: false, ...more }
}

const OLD = revision(8, 'deployed')
const OLDER = revision(7, 'superseded')
const SECRETS = { secrets: [{ name: 's', revisionBefore: 6, revision: 7 }], steps: [running('secrets')] }

test.each<[string, RecoveryFacts, string, string[]]>([
  ['killed before its first change', facts([api([OLD])], { entry: entry({ steps: [] }) }), 'restored', []],
  ['a helm that wrote no revision', facts([api([OLD])]), 'restored', []],
  [
    'an object taken away to be made anew, helm not run',
    facts([api([OLD], { missing: ['Deployment/web'] })]),
    'restored',
    ['api from revision 8 back to 8'],
  ],
  [
    'pending-upgrade: back to the last deployed revision, which prunes',
    facts([api([revision(9, 'pending-upgrade'), OLD])]),
    'restored',
    ['api revision 9 from pending-upgrade to failed', 'api from revision 9 back to 8'],
  ],
  [
    'a failed revision, whose new objects would leak',
    facts([api([revision(9, 'failed'), OLD])]),
    'restored',
    ['api from revision 9 back to 8'],
  ],
  [
    'pending-rollback: the same way once more',
    facts([api([revision(10, 'pending-rollback'), revision(9, 'failed'), OLD])]),
    'restored',
    ['api revision 10 from pending-rollback to failed', 'api from revision 10 back to 8'],
  ],
  [
    'a rollback that was killed when helm had superseded the old revision already',
    facts([api([revision(10, 'pending-rollback'), revision(9, 'failed'), revision(8, 'superseded'), OLDER])]),
    'restored',
    ['api revision 10 from pending-rollback to failed', 'api from revision 10 back to 8'],
  ],
  [
    'a rollback that had ended',
    facts([api([revision(10, 'deployed', 'Rollback to 8'), revision(9, 'failed'), revision(8, 'superseded')])]),
    'restored',
    [],
  ],
  [
    'the deployed revision before was not the newest one',
    facts([api([revision(10, 'pending-upgrade'), revision(9, 'failed'), revision(8, 'deployed')])], {
      entry: entry({ releases: [{ name: 'api', namespace: 'api', revisionBefore: 9 }] }),
    }),
    'restored',
    ['api revision 10 from pending-upgrade to failed', 'api from revision 10 back to 8'],
  ],
  ['deployed, and ready now', facts([api([revision(9, 'deployed'), OLDER])], { ready: true }), 'deployed', []],
  [
    'deployed, and never proven',
    facts([api([revision(9, 'deployed'), revision(8, 'superseded')])]),
    'restored',
    ['api from revision 9 back to 8'],
  ],
  [
    'a schema Job that still runs is waited for first',
    facts([api([revision(9, 'deployed'), revision(8, 'superseded')], { runningJobs: ['migrate-2'] })]),
    'restored',
    ['wait for the end of migrate-2', 'api from revision 9 back to 8'],
  ],
  [
    'pending-install: its record is put right, and the next install adopts the objects',
    facts([api([revision(1, 'pending-install')])], { entry: entry(FIRST) }),
    'stays',
    ['api revision 1 from pending-install to failed'],
  ],
  ['a first install that failed', facts([api([revision(1, 'failed')])], { entry: entry(FIRST) }), 'stays', []],
  ['a first install that is not ready', facts([api([revision(1, 'deployed')])], { entry: entry(FIRST) }), 'stays', []],
  [
    'uninstalling: healed, for the next deploy to make again what is missing',
    facts([api([revision(8, 'uninstalling'), OLDER])], { entry: entry({ steps: [running('helm uninstall api')] }) }),
    'partly',
    ['api revision 8 from uninstalling to failed'],
  ],
  [
    'an uninstallation that had taken all away',
    facts([api([])], { entry: entry({ steps: [done('helm uninstall api')] }) }),
    'uninstalled',
    [],
  ],
  [
    'an uninstallation whose helm had not begun',
    facts([api([OLD])], { entry: entry({ steps: [running('helm uninstall api')] }) }),
    'restored',
    [],
  ],
  [
    'an uninstallation that had taken one of two releases away',
    facts([api([OLD]), { ...api([]), name: 'top' }], {
      entry: entry({
        releases: [
          { name: 'api', namespace: 'api', revisionBefore: 8 },
          { name: 'top', namespace: 'api', revisionBefore: 2 },
        ],
        steps: [done('helm uninstall top'), running('helm uninstall api')],
      }),
    }),
    'partly',
    [],
  ],
  [
    'secrets written, helm not run',
    facts([api([OLD])], { entry: entry(SECRETS), secrets: new Map([['s', 7]]) }),
    'restored',
    ['secret s from r7 back to r6'],
  ],
  [
    'secrets that were not written yet, or were changed by somebody since',
    facts([api([OLD])], { entry: entry(SECRETS), secrets: new Map([['s', 6]]) }),
    'restored',
    [],
  ],
  [
    'of two releases the second was killed: both go back, the last one first',
    facts(
      [
        api([revision(9, 'deployed'), revision(8, 'superseded')]),
        { ...api([revision(3, 'pending-upgrade'), revision(2, 'deployed')]), name: 'top' },
      ],
      {
        entry: entry({
          releases: [
            { name: 'api', namespace: 'api', revisionBefore: 8 },
            { name: 'top', namespace: 'api', revisionBefore: 2 },
          ],
        }),
        ready: true,
      },
    ),
    'restored',
    ['top revision 3 from pending-upgrade to failed', 'top from revision 3 back to 2', 'api from revision 9 back to 8'],
  ],
  [
    'all Jobs are waited for before anything goes back: secrets, and the release that was upgraded last',
    facts(
      [
        api([revision(9, 'deployed'), revision(8, 'superseded')], { runningJobs: ['migrate-2'] }),
        { ...api([revision(3, 'pending-upgrade'), revision(2, 'deployed')]), name: 'top' },
      ],
      {
        entry: entry({
          ...SECRETS,
          releases: [
            { name: 'api', namespace: 'api', revisionBefore: 8 },
            { name: 'top', namespace: 'api', revisionBefore: 2 },
          ],
        }),
        secrets: new Map([['s', 7]]),
      },
    ),
    'restored',
    [
      'wait for the end of migrate-2',
      'secret s from r7 back to r6',
      'top revision 3 from pending-upgrade to failed',
      'top from revision 3 back to 2',
      'api from revision 9 back to 8',
    ],
  ],
  [
    'a database that the code before cannot read any more: forward only',
    facts([api([revision(9, 'pending-upgrade'), OLD], { migrated: true })]),
    'forward',
    ['api revision 9 from pending-upgrade to failed'],
  ],
  [
    'a deploy that was on its way back is not taken for complete',
    facts([api([revision(9, 'deployed'), revision(8, 'superseded')])], {
      entry: entry({ steps: [done('helm upgrade api'), running('helm rollback api')] }),
      ready: true,
    }),
    'restored',
    ['api from revision 9 back to 8'],
  ],
])('%s', (_, found, end, actions) => {
  const plan = decideRecovery(found)
  expect({ end: plan.end, actions: plan.actions.map(actionText) }).toEqual({ end, actions })
  for (const { because } of plan.actions) expect(reasonText(because)).not.toBe('')
})

test.each([
  ['before its first change', []],
  ['at helm upgrade api', [done('secrets'), running('helm upgrade api')]],
  ['after secrets', [done('secrets')]],
])('it was stopped %s', (text, steps) => {
  expect(stoppedAt(entry({ steps }))).toBe(text)
})

test('what forge recover shows: who, when, where, what will be done and why, and what runs then', () => {
  const now = Date.parse(at) + 4 * 60_000
  expect(whatHappened(entry({ state: 'interrupted', endedAt: at }), now)).toBe(
    '#43 of ops@ci was stopped at helm upgrade api, 4 minutes ago: forge deploy --env prod',
  )
  const plan = decideRecovery(facts([api([revision(9, 'pending-upgrade'), OLD])]))
  expect(recoveryRows(entry(), plan, 42, { now, width: undefined, mask: (text) => text })).toEqual([
    'found   #43 of ops@ci was killed at helm upgrade api, begun 4 minutes ago: forge deploy --env prod',
    'do      api revision 9 from pending-upgrade to failed',
    '          helm refuses a release that is in the middle of something',
    '        api from revision 9 back to 8',
    '          revision 9 is incomplete, and what only it made goes with it',
    'then    #42 runs again',
  ])
})

test('on a terminal long rows are broken at spaces, below their label, and secrets are masked before', () => {
  const command = 'forge deploy --env prod --set image.tag=2026.11.03-rc1 --set password=very-secret --wait-for-lock 5m'
  const plan = decideRecovery(facts([api([revision(9, 'deployed'), OLD])], { entry: entry({ command }) }))
  const mask = (text: string): string => text.replaceAll('very-secret', '***')
  const now = Date.parse(at) + 4 * 60_000

  expect(recoveryRows(entry({ command }), { ...plan, end: 'forward' }, 42, { now, width: 80, mask })).toEqual([
    'found   #43 of ops@ci was killed at helm upgrade api, begun 4 minutes ago: forge',
    '        deploy --env prod --set image.tag=2026.11.03-rc1 --set password=***',
    '        --wait-for-lock 5m',
    'do      api from revision 9 back to 8',
    '          revision 9 was never proven ready',
    'then    what it made stays: what ran before cannot read the schema that the',
    '        database has now',
  ])
})

test('left as it is: nothing goes back, and helm may go forward', () => {
  const plan = decideRecovery(facts([api([revision(9, 'pending-upgrade'), OLD])], { entry: entry(SECRETS) }))
  const left = leftAsItIs(plan)
  expect([left.end, left.actions.map(actionText)]).toEqual(['left', ['api revision 9 from pending-upgrade to failed']])
  const complete = decideRecovery(facts([api([revision(9, 'deployed'), OLD])], { ready: true }))
  expect(leftAsItIs(complete)).toBe(complete)
})
