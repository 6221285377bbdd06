import { createHash } from 'node:crypto'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import type { JournalTimes, TimedPod } from '../../src/domain/journal/times.ts'
import { summaryOf } from '../../src/domain/journal/report.ts'
import { deployPage } from '../../src/screen/web/deploy-page.ts'
import { STYLE } from '../../src/screen/web/style.ts'
import { entry } from './journal-entry.ts'

const BEGIN = Date.parse('2026-11-20T12:00:00Z')

export function at(seconds: number): string {
  return new Date(BEGIN + seconds * 1000).toISOString()
}

export function pageOf(one: JournalEntry, live?: number): string {
  return deployPage({
    entry: one,
    summary: summaryOf(one, { live, held: undefined }),
    next: one.verdict === undefined ? undefined : 'forge history 42 --env prod',
    version: '0.1.0',
    now: BEGIN + 3_600_000,
    styleHash: createHash('sha256').update(STYLE).digest('base64'),
  })
}

function pod(name: string, from: number, more: Partial<TimedPod> = {}): TimedPod {
  return {
    ...{ name, node: 'node-1', createdAt: at(from), scheduledAt: at(from + 0.2), initializedAt: at(from + 2) },
    ...{ startedAt: at(from + 5), readyAt: at(from + 7), ...more },
  }
}

const STEPS: JournalTimes['steps'] = ['prerequisites', 'images', 'secrets', 'configuration', 'preview'].map(
  (name, number) => ({ name, outcome: 'done', startedAt: at(number - 5), seconds: 1 }),
)

const CHANGED = {
  planned: {
    restarts: [{ workload: 'app', because: ['image 1f3c9a2e', 'app-env LOG_LEVEL'] }],
    objects: [
      {
        object: 'Deployment/app',
        release: 'app',
        action: 'change',
        fields: [
          {
            field: 'spec.template.spec.containers[app].image',
            text: 'ghcr.io/acme/app:1 → ghcr.io/acme/app:2',
            at: 'values.prod.yaml:31',
          },
        ],
      },
      {
        object: 'ConfigMap/app-env',
        release: 'app',
        action: 'change',
        fields: [
          {
            field: 'data.settings',
            text: '+1 -1 lines',
            lines: ['- level: info', '+ level: debug'],
            isCut: true as const,
          },
        ],
        more: 4,
      },
      { object: 'Service/app', release: 'app', action: 'create', fields: [] },
    ],
  },
  changes: 'image 1f3c9a2e, app-env LOG_LEVEL',
}

const OF_APP = {
  ...{ project: 'api-forge', environment: 'prod', namespace: 'api-forge-prod', command: 'forge deploy --env prod' },
  releases: [
    {
      ...{ name: 'app', namespace: 'api-forge-prod', revisionBefore: 41, revisionAfter: 42 },
      chart: { name: 'app', version: '2.3.0', appVersion: '9' },
      images: ['ghcr.io/acme/app@sha256:1f3c9a2e8be0417d1f3c9a2e8be0417d1f3c9a2e8be0417d1f3c9a2e8be0417d'],
    },
  ],
  secrets: [{ name: 'app-secrets', revision: 7, revisionBefore: 6 }],
  steps: [
    { operation: { op: 'write-secrets' }, outcome: 'done', startedAt: at(0), endedAt: at(0.4) },
    { operation: { op: 'upgrade', release: 'app' }, outcome: 'done', startedAt: at(0.4), endedAt: at(2) },
  ],
  ...CHANGED,
} satisfies Partial<JournalEntry>

export const DEPLOYED = entry(42, 'deployed', {
  ...OF_APP,
  endedAt: at(20),
  times: {
    steps: [
      ...STEPS,
      { name: 'upgrade', outcome: 'done', startedAt: at(0), seconds: 2 },
      { name: 'databases', outcome: 'done', startedAt: at(2), seconds: 6, isStage: true },
      { name: 'apps', outcome: 'done', startedAt: at(8), seconds: 12, isStage: true },
    ],
    workloads: [
      { stage: 'databases', kind: 'StatefulSet', name: 'postgres', readyAt: at(8), pods: [pod('postgres-0', 1)] },
      {
        ...{ stage: 'apps', kind: 'Deployment', name: 'app', readyAt: at(20) },
        pods: [
          pod('app-7d9f8b6c5-x2k4q', 1.5),
          pod('app-7d9f8b6c5-q8zzt', 1.6, { startedAt: at(15), readyAt: at(19) }),
        ],
        morePods: 18,
      },
    ],
  },
})

export const RESTORED = entry(42, 'restored', {
  ...OF_APP,
  endedAt: at(30),
  evidence: '/home/ops/.local/state/forge/api-forge/prod/42',
  verdict: {
    code: 'E_CRASH_LOOP',
    message: 'app cannot start: it exits with status 1 at once, 3 times',
    chain: ['Deployment/app', 'ReplicaSet/app-7d9f8b6c5', 'Pod/app-7d9f8b6c5-x2k4q', 'app'],
    where: 'values.prod.yaml:31',
    log: ['starting', 'fatal: cannot read config: unknown key "colour"'],
  },
  times: {
    steps: [
      ...STEPS,
      { name: 'upgrade', outcome: 'done', startedAt: at(0), seconds: 2 },
      { name: 'databases', outcome: 'done', startedAt: at(2), seconds: 1, isStage: true },
      { name: 'apps', outcome: 'failed', startedAt: at(3), seconds: 9, isStage: true },
      { name: 'evidence', outcome: 'done', startedAt: at(12), seconds: 1 },
      { name: 'rollback', outcome: 'done', startedAt: at(13), seconds: 17 },
    ],
    workloads: [
      {
        ...{ stage: 'apps', kind: 'Deployment', name: 'app', failedAt: at(12), backAt: at(30), reason: '3 crashes' },
        pods: [
          {
            ...{
              name: 'app-7d9f8b6c5-x2k4q',
              node: 'node-2',
              createdAt: at(1),
              scheduledAt: at(1.1),
              startedAt: at(3),
            },
            ...{ goneAt: at(15), restarts: 3 },
            troubles: [
              { at: at(4), container: 'app', reason: 'Error', message: 'status 1' },
              {
                at: at(5),
                container: 'app',
                reason: 'CrashLoopBackOff',
                message: 'back-off 10s restarting failed container',
              },
            ],
          },
        ],
      },
    ],
  },
})

/** What an older forge wrote. */
export const OLD = entry(7, 'failed', {
  steps: OF_APP.steps,
  verdict: { code: 'E_PROBE', message: 'web is never ready', chain: [], log: [] },
})

export const HOSTILE = `<script>alert(1)</script>"'><img src=https://evil.test/x onerror=alert(2)></style></title>`

/** All texts that others have chosen are hostile. */
export function hostileEntry(): JournalEntry {
  const hostile = JSON.parse(
    JSON.stringify(RESTORED, (key, value: unknown) => {
      const isFree = typeof value === 'string' && !/^(?:op|outcome|state|action|\w*[aA]t)$/u.test(key)
      return isFree ? HOSTILE : value
    }),
  ) as JournalEntry
  // In JSON `at` is a time in one place and a line in another.
  return hostile
}

/** More of everything than a journal ever has. */
export function hugeEntry(): JournalEntry {
  const many = <T>(count: number, make: (number: number) => T): T[] =>
    Array.from({ length: count }, (_, at) => make(at))
  const long = '<&"日本'.repeat(1000)
  const times = RESTORED.times
  const [workload] = times?.workloads ?? []
  if (times === undefined || workload === undefined) throw new Error('no times')
  const pods = many(5, (number) => ({
    ...pod(`p${number}${'&'.repeat(200)}`, 1),
    troubles: many(6, () => ({ at: at(2), reason: '<Error>', message: '&'.repeat(200) })),
  }))
  return {
    ...RESTORED,
    command: long,
    releases: many(300, (number) => ({
      ...OF_APP.releases[0],
      name: `r${number}`,
      namespace: 'n',
      images: many(30, () => long.slice(0, 200)),
    })),
    secrets: many(2000, (number) => ({ name: `secret-${number}`, revision: 1 })),
    steps: many(2000, () => ({
      operation: { op: 'told' as const, text: long.slice(0, 200) },
      outcome: 'done' as const,
      startedAt: at(1),
      endedAt: at(2),
    })),
    verdict: { code: 'E_BUG', message: long, chain: many(100, () => long), log: many(50, () => long) },
    planned: {
      restarts: many(200, () => ({ workload: 'w', because: many(20, () => '&'.repeat(300)) })),
      objects: many(200, (number) => ({
        ...{ object: `ConfigMap/c${number}`, release: 'r', action: 'change' },
        fields: many(number < 20 ? 40 : 2, () => ({
          field: '&'.repeat(300),
          text: '<'.repeat(300),
          lines: many(10, () => `+ ${'"'.repeat(300)}`),
        })),
      })),
      more: 800,
    },
    times: {
      ...times,
      workloads: many(60, (number) => ({ ...workload, name: `w${number}`, pods, morePods: 95 })),
      more: 440,
    },
  }
}
