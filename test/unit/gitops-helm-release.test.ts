import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import {
  WANTED,
  OLD,
  at,
  ready,
  repository,
  kustomization,
  applied,
  tried,
  CHART,
  release,
  packed,
  upgraded,
  judge,
  told,
  type Status,
} from '../support/gitops-standing.ts'

describe('a HelmRelease that a Kustomization applies', () => {
  const by = kustomization(applied(WANTED))
  const source = repository(at(WANTED))
  const failed = (conditions: readonly Status[]): Status => ({ lastAttemptedRevision: '0.1.0', conditions })
  const broken = { ...ready('False', 'UpgradeFailed', 'Helm upgrade failed: timed out'), type: 'Released' }
  const back = {
    ...ready('True', 'RollbackSucceeded', 'Helm rollback to previous release succeeded'),
    type: 'Remediated',
  }
  const stalled = { ...ready('True', 'RetriesExceeded', 'Failed to upgrade after 1 attempt(s)'), type: 'Stalled' }
  test.each<[string, readonly KubeObject[], Record<string, unknown>]>([
    ['has taken it', [source, by, packed(WANTED), release(upgraded)], { state: 'applied' }],
    [
      'waits for its Kustomization',
      [source, kustomization(applied(OLD)), packed(WANTED), release(upgraded)],
      { state: 'waiting', why: expect.stringContaining('Kustomization flux-system/shop has applied') },
    ],
    [
      'waits for its chart',
      [source, by, packed(OLD), release(upgraded)],
      { state: 'waiting', why: 'HelmChart flux-system/flux-system-shop is packed of main@0f0f0f0f0f0f' },
    ],
    [
      'has not taken its new chart',
      [source, by, packed(WANTED, { artifact: { revision: '0.2.0' } }), release(upgraded)],
      { state: 'waiting', why: 'HelmRelease flux-system/shop has not taken chart 0.2.0 yet' },
    ],
    [
      'carries the commit in its version',
      [
        source,
        by,
        packed(WANTED, { artifact: { revision: `0.1.0+${WANTED.slice(0, 12)}` } }, { reconcileStrategy: 'Revision' }),
        release({ ...upgraded, lastAttemptedRevision: `0.1.0+${WANTED.slice(0, 12)}` }),
      ],
      { state: 'applied' },
    ],
    [
      'carries another commit',
      [
        source,
        by,
        packed(WANTED, { artifact: { revision: `0.1.0+${OLD.slice(0, 12)}` } }, { reconcileStrategy: 'Revision' }),
        release({ ...upgraded, lastAttemptedRevision: `0.1.0+${OLD.slice(0, 12)}` }),
      ],
      { state: 'waiting' },
    ],
    [
      'has a chart that cannot be packed',
      [
        source,
        by,
        packed(WANTED, {
          conditions: [{ ...ready('True', 'ChartPackageError', 'no Chart.yaml'), type: 'BuildFailed' }],
        }),
        release(upgraded),
      ],
      { state: 'failing', why: 'no Chart.yaml', lastsMs: 0 },
    ],
    [
      'was not looked at since its spec changed',
      [source, by, packed(WANTED), release(upgraded, CHART, { generation: 2 })],
      { state: 'waiting', why: 'HelmRelease flux-system/shop is not taken up yet' },
    ],
    ['is suspended', [source, by, packed(WANTED), release(upgraded, { ...CHART, suspend: true })], { state: 'held' }],
    [
      'has failed for good, and was rolled back',
      [source, by, packed(WANTED), release(failed([ready('False', 'RollbackSucceeded'), broken, back, stalled]))],
      {
        state: 'failing',
        reason: 'UpgradeFailed',
        why: 'Helm upgrade failed: timed out',
        lastsMs: 0,
        undone: 'Flux rolled HelmRelease flux-system/shop back by itself: what ran before runs',
      },
    ],
    [
      'has failed, and is tried again',
      [source, by, packed(WANTED), release(failed([ready('False', 'UpgradeFailed'), broken]))],
      { state: 'failing', lastsMs: Number.POSITIVE_INFINITY },
    ],
    [
      'was uninstalled',
      [source, by, packed(WANTED), release(failed([broken, { ...back, reason: 'UninstallSucceeded' }, stalled]))],
      { undone: 'Flux uninstalled HelmRelease flux-system/shop by itself: nothing of it runs' },
    ],
    [
      'has failed before, with another spec',
      [source, by, packed(WANTED), release(failed([broken, stalled]), CHART, { generation: 2 })],
      { state: 'waiting' },
    ],
    [
      'misses values',
      [
        source,
        by,
        packed(WANTED),
        release({
          lastAttemptedRevision: '0.1.0',
          conditions: [ready('False', 'ValuesError', 'could not find Secret shop/values')],
        }),
      ],
      { state: 'failing', reason: 'ValuesError', lastsMs: 60_000 },
    ],
    [
      'has a chart from a registry',
      [
        source,
        by,
        packed('', { artifact: { revision: '1.2.3' } }, { sourceRef: { kind: 'HelmRepository', name: 'x' } }),
        release(
          { ...upgraded, lastAttemptedRevision: '1.2.3' },
          { chart: { spec: { chart: 'x', sourceRef: { kind: 'HelmRepository', name: 'x' } } } },
        ),
      ],
      { state: 'applied' },
    ],
  ])('%s', (_, objects, expected) => {
    const own = judge(objects).find(({ chain }) => chain[0] === 'HelmRelease flux-system/shop')
    expect(own).toMatchObject(expected)
  })

  test('fails while its Kustomization still waits for its health: its own reason is told', () => {
    const waits = kustomization({
      ...tried('Progressing', ''),
      conditions: [
        ready('Unknown', 'Progressing'),
        {
          ...ready('True', 'Progressing', 'Running health checks for revision x with a timeout of 5m'),
          type: 'Reconciling',
        },
      ],
    })
    const standings = judge([source, waits, packed(WANTED), release(failed([broken, stalled]))])
    expect(told(standings)).toMatchObject({ state: 'failing', reason: 'UpgradeFailed' })
    const over = judge([
      source,
      kustomization(tried('HealthCheckFailed', 'failed: HelmRelease/shop')),
      packed(WANTED),
      release(failed([broken, stalled])),
    ])
    expect(told(over)).toMatchObject({ reason: 'UpgradeFailed' })
  })

  test('ended an attempt with the spec before, whose conditions say that they are of this one', () => {
    const now = { observedGeneration: 2 }
    const conditions = [
      { ...ready('False', 'RollbackSucceeded'), ...now },
      ...[broken, back, stalled].map((one) => ({ ...one, ...now })),
    ]
    const status = { ...failed(conditions), lastAttemptedGeneration: 1, observedGeneration: 1 }
    const own = judge([source, by, packed(WANTED), release(status, CHART, { generation: 2 })]).find(
      ({ on }) => on.kind === 'HelmRelease',
    )
    expect(own).toMatchObject({ state: 'waiting', why: 'HelmRelease flux-system/shop is not taken up yet' })
  })

  test('says that a chart is packed again for a new version alone', () => {
    const own = judge([source, by, packed(WANTED), release(upgraded)]).find(({ on }) => on.kind === 'HelmRelease')
    expect(own?.state === 'applied' ? own.note : '').toContain('until its version changes')
  })
})
