import { describe, expect, test } from '@jest/globals'
import { conditions, FAILED, judged, type Fields, type Kind } from './readiness-statuses.ts'

const HELM_RELEASE: Kind = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease' }

/** Recorded on a real cluster, helm-controller 1.4.0; what it says with attempts left, from its internal/reconcile/atomic_release.go. */
describe('a HelmRelease of Flux', () => {
  const running = "Running 'upgrade' action with timeout of 15s"
  const helmFailed =
    'Helm upgrade failed for release x/good with chart c@0.1.0: execution error at (c/cm.yaml:4:13): a is needed'

  test.each<[string, Kind, number, Fields, [string, string]]>([
    [
      'a release whose chart is on its way',
      HELM_RELEASE,
      1,
      {
        observedGeneration: -1,
        conditions: conditions(
          'Reconciling=True:Progressing@1 Fulfilling prerequisites',
          "Ready=False:SourceNotReady@1 HelmChart 'x/x-good' is not ready: latest generation of object has not been reconciled",
        ),
      },
      [
        "progressing HelmChart 'x/x-good' is not ready: latest generation of object has not been rec…",
        "progressing HelmChart 'x/x-good' is not ready: latest generation of object has not been rec…",
      ],
    ],
    [
      'installed, its generation not counted on yet',
      HELM_RELEASE,
      1,
      {
        observedGeneration: -1,
        conditions: conditions(
          'Ready=True:InstallSucceeded@1 Helm install succeeded',
          'Released=True:InstallSucceeded@1 Helm install succeeded',
        ),
      },
      ['progressing spec not observed yet', 'progressing spec not observed yet'],
    ],
    [
      'installed',
      HELM_RELEASE,
      1,
      {
        observedGeneration: 1,
        conditions: conditions(
          'Ready=True:InstallSucceeded@1 Helm install succeeded',
          'Released=True:InstallSucceeded@1 Helm install succeeded',
        ),
      },
      ['ready Helm install succeeded', 'ready Helm install succeeded'],
    ],
    [
      'an upgrade that begins',
      HELM_RELEASE,
      2,
      {
        observedGeneration: 1,
        conditions: conditions(
          `Reconciling=True:Progressing@2 ${running}`,
          `Ready=Unknown:Progressing@2 ${running}`,
          'Released=True:InstallSucceeded@1 Helm install succeeded',
        ),
      },
      [`progressing ${running}`, `progressing ${running}`],
    ],
    [
      'an upgrade that failed, between two attempts',
      HELM_RELEASE,
      2,
      {
        observedGeneration: 1,
        conditions: conditions(
          `Reconciling=True:Progressing@2 ${running}`,
          `Ready=Unknown:Progressing@2 ${running}`,
          `Released=False:UpgradeFailed@2 ${helmFailed}`,
        ),
      },
      [`progressing ${helmFailed.slice(0, 79)}…`, `progressing ${helmFailed.slice(0, 79)}…`],
    ],
    [
      'an upgrade that failed and was rolled back, with retries left',
      HELM_RELEASE,
      2,
      {
        observedGeneration: 1,
        conditions: conditions(
          'Reconciling=True:ProgressingWithRetry@2 Helm rollback to previous release x/rb.v1 succeeded',
          'Ready=False:RollbackSucceeded@2 Helm rollback to previous release x/rb.v1 succeeded',
          'Remediated=True:RollbackSucceeded@2 Helm rollback to previous release x/rb.v1 succeeded',
          `Released=False:UpgradeFailed@2 ${helmFailed}`,
        ),
      },
      [
        'progressing Helm rollback to previous release x/rb.v1 succeeded',
        'progressing Helm rollback to previous release x/rb.v1 succeeded',
      ],
    ],
    [
      'the same with none left',
      HELM_RELEASE,
      2,
      {
        observedGeneration: 1,
        conditions: conditions(
          'Stalled=True:RetriesExceeded@2 Failed to upgrade after 2 attempt(s)',
          'Ready=False:RollbackSucceeded@2 Helm rollback to previous release x/rb.v1 succeeded',
          'Remediated=True:RollbackSucceeded@2 Helm rollback to previous release x/rb.v1 succeeded',
          `Released=False:UpgradeFailed@2 ${helmFailed}`,
        ),
      },
      [FAILED, FAILED],
    ],
    [
      'values that it does not find, and looks for again',
      HELM_RELEASE,
      1,
      {
        observedGeneration: -1,
        conditions: conditions(
          'Reconciling=True:ProgressingWithRetry@1 Fulfilling prerequisites',
          "Ready=False:ValuesError@1 could not resolve Secret chart values reference 'x/values' with key 'values.yaml'",
        ),
      },
      ["progressing could not resolve Secret chart values reference 'x/values' with key 'values.yam…", FAILED],
    ],
    [
      'an install that failed of the spec before',
      HELM_RELEASE,
      2,
      {
        observedGeneration: 1,
        conditions: conditions(
          `Reconciling=True:Progressing@2 ${running}`,
          `Ready=Unknown:Progressing@2 ${running}`,
          'Released=False:InstallFailed@1 Helm install failed',
        ),
      },
      [`progressing ${running}`, `progressing ${running}`],
    ],
    [
      'no attempt left',
      HELM_RELEASE,
      1,
      {
        observedGeneration: -1,
        conditions: conditions(
          'Stalled=True:RetriesExceeded@1 Failed to install after 1 attempt(s)',
          'Ready=False:InstallFailed@1 Helm install failed: context deadline exceeded',
          'Released=False:InstallFailed@1 Helm install failed: context deadline exceeded',
        ),
      },
      [FAILED, FAILED],
    ],
    [
      'rolled back: well, but not as asked',
      HELM_RELEASE,
      2,
      {
        observedGeneration: 2,
        conditions: conditions(
          'Ready=False:RollbackSucceeded@2 Helm rollback to previous release x/rb.v1 succeeded',
          'Remediated=True:RollbackSucceeded@2 Helm rollback to previous release x/rb.v1 succeeded',
          `Released=False:UpgradeFailed@2 ${helmFailed}`,
        ),
      },
      ['progressing Helm rollback to previous release x/rb.v1 succeeded', FAILED],
    ],
  ])('%s', (_, kind, generation, status, says) => expect(judged(kind, status, {}, generation)).toEqual(says))
})
