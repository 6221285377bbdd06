import { describe, expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { forge, hintLine } from '../../src/hint.ts'
import {
  WANTED,
  OLD,
  NEW,
  DIGEST,
  at,
  ready,
  made,
  SOURCE,
  repository,
  kustomization,
  applied,
  tried,
  judge,
  told,
} from '../support/gitops-standing.ts'

describe('a Kustomization', () => {
  test.each<[string, readonly KubeObject[], Partial<Record<string, unknown>>]>([
    ['has applied it', [repository(at(WANTED)), kustomization(applied(WANTED))], { state: 'applied' }],
    [
      'has applied it, and another spec was not looked at',
      [repository(at(WANTED)), kustomization(applied(WANTED), {}, { generation: 2 })],
      { state: 'waiting' },
    ],
    [
      'is behind its source',
      [repository(at(WANTED)), kustomization(applied(OLD))],
      { state: 'waiting', why: 'Kustomization flux-system/shop has applied main@0f0f0f0f0f0f' },
    ],
    [
      'has a source that is behind',
      [repository(at(OLD)), kustomization(applied(OLD))],
      { state: 'waiting', why: 'GitRepository flux-system/shop has fetched main@0f0f0f0f0f0f; it looks every 1m' },
    ],
    [
      'has a source that nobody has fetched',
      [repository('', {}, { artifact: undefined }), kustomization({})],
      { state: 'waiting', why: 'GitRepository flux-system/shop has fetched nothing; it looks every 1m' },
    ],
    [
      'has a source that cannot be fetched',
      [
        repository(
          at(OLD),
          {},
          { conditions: [{ ...ready('True', 'GitOperationFailed', 'authentication required'), type: 'FetchFailed' }] },
        ),
        kustomization(applied(OLD)),
      ],
      { state: 'waiting', why: 'GitRepository flux-system/shop cannot fetch it: authentication required' },
    ],
    [
      'has no source at all',
      [kustomization(applied(OLD))],
      { state: 'waiting', why: 'GitRepository flux-system/shop is not there' },
    ],
    [
      'is suspended',
      [repository(at(WANTED)), kustomization(applied(OLD), { suspend: true })],
      { state: 'held', why: 'Kustomization flux-system/shop has applied main@0f0f0f0f0f0f, and is suspended' },
    ],
    [
      'has a suspended source',
      [repository(at(OLD), { suspend: true }), kustomization(applied(OLD))],
      { state: 'held' },
    ],
    [
      'has a suspended source that has fetched it before',
      [repository(at(WANTED), { suspend: true }), kustomization(applied(OLD))],
      { state: 'waiting' },
    ],
    [
      'cannot be built',
      [repository(at(WANTED)), kustomization(tried('BuildFailed', 'kustomize build failed: no such file'))],
      { state: 'failing', reason: 'BuildFailed', why: 'kustomize build failed: no such file', lastsMs: 0 },
    ],
    [
      'is refused, which may pass',
      [repository(at(WANTED)), kustomization(tried('ReconciliationFailed', 'Deployment/x dry-run failed'))],
      { state: 'failing', lastsMs: 30_000 },
    ],
    [
      'does not get healthy',
      [repository(at(WANTED)), kustomization(tried('HealthCheckFailed', 'timeout waiting for: Deployment/shop/web'))],
      { state: 'failing', reason: 'HealthCheckFailed', lastsMs: 0 },
    ],
    [
      'has failed with the one before',
      [repository(at(WANTED)), kustomization({ ...tried('BuildFailed', 'x'), lastAttemptedRevision: at(OLD) })],
      { state: 'waiting' },
    ],
    [
      'has failed with the spec before',
      [repository(at(WANTED)), kustomization(tried('BuildFailed', 'x'), {}, { generation: 2 })],
      { state: 'waiting' },
    ],
    [
      'has no such folder',
      [
        repository(at(WANTED)),
        kustomization({
          ...applied(OLD),
          conditions: [
            ready('False', 'ArtifactFailed', 'kustomization path not found: stat /tmp/x: no such file'),
            {
              ...ready(
                'True',
                'ProgressingWithRetry',
                `Fetching manifests for revision ${at(WANTED)} with a timeout of 5m`,
              ),
              type: 'Reconciling',
            },
          ],
        }),
      ],
      { state: 'failing', reason: 'ArtifactFailed' },
    ],
    [
      'had no such folder in the one before',
      [
        repository(at(WANTED)),
        kustomization({
          ...applied(OLD),
          conditions: [
            ready('False', 'ArtifactFailed', 'kustomization path not found'),
            {
              ...ready(
                'True',
                'ProgressingWithRetry',
                `Fetching manifests for revision ${at(OLD)} with a timeout of 5m`,
              ),
              type: 'Reconciling',
            },
          ],
        }),
      ],
      { state: 'waiting' },
    ],
    [
      'has applied a newer one',
      [repository(at(NEW)), kustomization(applied(NEW))],
      { state: 'superseded', by: 'main@9e9e9e9e9e9e' },
    ],
    [
      'has a source with a newer one',
      [repository(at(NEW)), kustomization(applied(OLD))],
      {
        state: 'superseded',
        by: 'main@9e9e9e9e9e9e',
        why: 'GitRepository flux-system/shop has fetched main@9e9e9e9e9e9e',
      },
    ],
    [
      'is at one that nobody knows',
      [repository(at(WANTED.replace('1', '7'))), kustomization(applied(OLD))],
      { state: 'waiting', why: expect.stringContaining('(newer, or of another branch, if it is not older)') },
    ],
    [
      'waits for itself',
      [
        repository(at(WANTED)),
        kustomization(
          {
            ...applied(OLD),
            conditions: [ready('False', 'DependencyNotReady', "dependency 'flux-system/shop' is not ready")],
          },
          { dependsOn: [{ name: 'shop' }] },
        ),
      ],
      { state: 'waiting', why: 'Kustomization flux-system/shop waits for itself' },
    ],
  ])('%s', (_, objects, expected) => expect(told(judge(objects))).toMatchObject(expected))

  test('depends on another one that fails', () => {
    const waits = kustomization(
      {
        ...applied(OLD),
        conditions: [ready('False', 'DependencyNotReady', "dependency 'flux-system/base' is not ready")],
      },
      { dependsOn: [{ name: 'base' }] },
    )
    const base = kustomization(tried('BuildFailed', 'no such file'), {}, { name: 'base' })
    const [first] = judge([repository(at(WANTED)), waits, base])
    expect(first).toMatchObject({
      state: 'failing',
      reason: 'BuildFailed',
      chain: ['Kustomization flux-system/shop', 'Kustomization flux-system/base'],
    })
    expect(first?.on.name).toBe('base')
  })

  test('had it, and has another one now', () => {
    const other = kustomization(applied(WANTED.replace('1', '7')))
    expect(told(judge([repository(at(WANTED)), other], { had: [keyOf(other)] }))).toMatchObject({ state: 'superseded' })
  })

  test('of an OCI source is compared with a digest alone', () => {
    const oci = made(SOURCE, 'OCIRepository', {}, { artifact: { revision: `v1@sha256:${DIGEST}` } })
    const own = kustomization(
      { lastAppliedRevision: `v1@sha256:${DIGEST}`, conditions: [ready('True', 'ReconciliationSucceeded')] },
      { sourceRef: { kind: 'OCIRepository', name: 'shop' } },
    )
    expect(told(judge([oci, own], { wanted: `sha256:${DIGEST}` }))).toMatchObject({ state: 'applied' })
    expect(told(judge([oci, own], { wanted: `sha256:${'0'.repeat(64)}` }))).toMatchObject({ state: 'waiting' })
  })

  test('that forge pause has suspended is woken by forge resume', () => {
    const annotations = { 'forge.api-forge.io/paused': '{"since":"","by":"ops","deploy":3}' }
    const found = told(judge([repository(at(WANTED)), kustomization(applied(OLD), { suspend: true }, { annotations })]))
    expect(found?.state === 'held' ? found.resume : undefined).toEqual(forge('resume'))
    const other = told(judge([repository(at(WANTED)), kustomization(applied(OLD), { suspend: true })]))
    const place = { typed: [], given: {}, cluster: undefined, helm: undefined, conceals: () => false }
    expect(other?.state === 'held' ? hintLine(other.resume, place) : '').toBe(
      `kubectl -n flux-system patch kustomization.kustomize.toolkit.fluxcd.io shop --type=merge --patch '{"spec":{"suspend":false}}'`,
    )
  })
})
