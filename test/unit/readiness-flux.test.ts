import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { set } from './readiness-objects.ts'
import { Deploy, installed } from './readiness-scene.ts'
import { conditions, FAILED, judged, resource, targetOf, type Fields, type Kind } from './readiness-statuses.ts'

const KUSTOMIZATION: Kind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' }
const HELM_RELEASE: Kind = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease' }
const GIT: Kind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' }

/** Recorded on a real cluster: kustomize-controller 1.7.3, helm-controller 1.4.0, source-controller 1.8.5. */
describe('Flux', () => {
  test.each<[string, Kind, number, Fields, [string, string]]>([
    [
      'new',
      KUSTOMIZATION,
      1,
      { observedGeneration: -1 },
      ['progressing spec not observed yet', 'progressing spec not observed yet'],
    ],
    [
      'at work',
      KUSTOMIZATION,
      1,
      {
        observedGeneration: -1,
        conditions: conditions(
          'Reconciling=True:Progressing@1 Building manifests',
          'Ready=Unknown:Progressing@1 Reconciliation in progress',
        ),
      },
      ['progressing Reconciliation in progress', 'progressing Reconciliation in progress'],
    ],
    [
      'applied, its generation not counted on yet',
      KUSTOMIZATION,
      2,
      {
        observedGeneration: 1,
        conditions: conditions('Ready=True:ReconciliationSucceeded@2 Applied revision: main@sha1:1'),
      },
      ['progressing spec not observed yet', 'progressing spec not observed yet'],
    ],
    [
      'applied',
      KUSTOMIZATION,
      2,
      {
        observedGeneration: 2,
        conditions: conditions('Ready=True:ReconciliationSucceeded@2 Applied revision: main@sha1:1'),
      },
      ['ready Applied revision: main@sha1:1', 'ready Applied revision: main@sha1:1'],
    ],
    [
      'not built: the status still counts the generation of before',
      KUSTOMIZATION,
      2,
      {
        observedGeneration: 1,
        conditions: conditions(
          'Reconciling=True:ProgressingWithRetry@2 Building manifests',
          'Ready=False:BuildFailed@2 kustomize build failed: nothing.yaml',
          'Healthy=True:Succeeded@1',
        ),
      },
      ['progressing kustomize build failed: nothing.yaml', FAILED],
    ],
    [
      'unhealthy, and tried again',
      KUSTOMIZATION,
      3,
      {
        observedGeneration: 1,
        conditions: conditions(
          'Reconciling=True:Progressing@3 Fetching manifests',
          'Ready=Unknown:Progressing@3 Reconciliation in progress',
          'Healthy=False:HealthCheckFailed@3 timeout waiting for: [Deployment/x/never]',
        ),
      },
      ['progressing timeout waiting for: [Deployment/x/never]', FAILED],
    ],
    [
      'without its source: it may come',
      KUSTOMIZATION,
      1,
      {
        observedGeneration: -1,
        conditions: conditions('Ready=False:ArtifactFailed@1 GitRepository "absent" not found'),
      },
      ['progressing GitRepository "absent" not found', 'progressing GitRepository "absent" not found'],
    ],
    [
      'waiting for another',
      KUSTOMIZATION,
      1,
      {
        observedGeneration: -1,
        conditions: conditions("Ready=False:DependencyNotReady@1 dependency 'x/db' is not ready"),
      },
      ["progressing dependency 'x/db' is not ready", "progressing dependency 'x/db' is not ready"],
    ],
    [
      'refused for good',
      KUSTOMIZATION,
      1,
      {
        observedGeneration: 1,
        conditions: conditions(
          'Stalled=True:InvalidCELExpression@1 no such key',
          'Ready=False:InvalidCELExpression@1 no such key',
        ),
      },
      [FAILED, FAILED],
    ],
    [
      'a repository that is not there',
      GIT,
      1,
      {
        observedGeneration: -1,
        conditions: conditions(
          'Reconciling=True:ProgressingWithRetry@1 building artifact',
          'Ready=False:GitOperationFailed@1 repository not found',
          'FetchFailed=True:GitOperationFailed@1 repository not found',
        ),
      },
      ['progressing repository not found', FAILED],
    ],
  ])('%s', (_, kind, generation, status, says) => expect(judged(kind, status, {}, generation)).toEqual(says))

  test('what failed before counts when it fails again for the new spec', () => {
    const target = targetOf(HELM_RELEASE)
    const failed = (generation: number, observed: number): KubeObject =>
      resource(
        HELM_RELEASE,
        {
          status: {
            observedGeneration: 1,
            conditions: conditions(
              `Ready=False:UpgradeFailed@${observed} a is needed`,
              `Released=False:UpgradeFailed@${observed} a is needed`,
            ),
          },
        },
        generation,
      )
    const deploy = new Deploy([target]).see(set(failed(2, 2)), 0).begin()
    deploy.see(set(failed(3, 2)), 1_000).helmExits()
    expect(deploy.says(target, 90_000)).toBe('progressing spec not observed yet')
    expect(deploy.see(set(failed(3, 3)), 91_000).says(target)).toBe('progressing a is needed')
    expect(deploy.says(target, 121_000)).toBe(FAILED)
  })

  test('says why it gave up, not only that it did', () => {
    const status = {
      observedGeneration: 1,
      conditions: conditions(
        'Stalled=True:RetriesExceeded@1 Failed to install after 1 attempt(s)',
        'Ready=False:InstallFailed@1 x',
        'Released=False:InstallFailed@1 Helm install failed: context deadline exceeded',
      ),
    }
    expect(
      installed([targetOf(HELM_RELEASE)], set(resource(HELM_RELEASE, { status }))).verdict(targetOf(HELM_RELEASE)),
    ).toMatchObject({
      message: 'db is stalled: Failed to install after 1 attempt(s) (Helm install failed: context deadline exceeded)',
    })
  })

  test.each([KUSTOMIZATION, HELM_RELEASE, GIT])('$kind, suspended: nothing that it says counts', (kind) => {
    const status = {
      observedGeneration: 1,
      conditions: conditions('Ready=True:Succeeded@1 fine', 'Stalled=True:X@1 y'),
    }
    expect(judged(kind, status, { suspend: true }, 2)).toEqual([
      'paused suspended (spec.suspend)',
      'paused suspended (spec.suspend)',
    ])
  })
})
