import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { watchedKinds } from '../../src/domain/readiness/kinds.ts'
import { set } from './readiness-objects.ts'
import { installed } from './readiness-scene.ts'
import { conditions, FAILED, judged, resource, targetOf, type Fields, type Kind } from './readiness-statuses.ts'

const CERTIFICATE: Kind = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' }
const ISSUER: Kind = { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer' }
const EXTERNAL: Kind = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' }
const STORE: Kind = { apiVersion: 'external-secrets.io/v1', kind: 'SecretStore' }
const SEALED: Kind = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret' }

describe('who makes certificates and secrets', () => {
  test.each<[string, Kind, number, Fields, [string, string]]>([
    [
      'asked for',
      CERTIFICATE,
      1,
      {
        conditions: conditions(
          'Issuing=True:DoesNotExist@1 Issuing certificate as Secret does not exist',
          'Ready=False:DoesNotExist@1 Issuing certificate as Secret does not exist',
        ),
      },
      [
        'progressing Issuing certificate as Secret does not exist',
        'progressing Issuing certificate as Secret does not exist',
      ],
    ],
    [
      'issued',
      CERTIFICATE,
      1,
      { conditions: conditions('Ready=True:Ready@1 Certificate is up to date and has not expired') },
      ['ready Certificate is up to date and has not expired', 'ready Certificate is up to date and has not expired'],
    ],
    [
      'issued, for the names of before',
      CERTIFICATE,
      2,
      { conditions: conditions('Ready=True:Ready@1 Certificate is up to date') },
      ['progressing spec not observed yet', 'progressing spec not observed yet'],
    ],
    [
      'up to date: that it was issued once speaks of the spec of then',
      CERTIFICATE,
      2,
      {
        conditions: conditions(
          'Ready=True:Ready@2 Certificate is up to date',
          'Issuing=False:Issued@1 The certificate has been successfully issued',
        ),
      },
      ['ready Certificate is up to date', 'ready Certificate is up to date'],
    ],
    [
      'refused',
      CERTIFICATE,
      1,
      {
        conditions: conditions(
          'Issuing=False:Failed@1 The certificate request has failed to complete and will be retried: order is invalid',
          'Ready=False:DoesNotExist@1 Issuing certificate as Secret does not exist',
        ),
      },
      ['progressing The certificate request has failed to complete and will be retried: order is in…', FAILED],
    ],
    [
      'refused before the spec was mended',
      CERTIFICATE,
      2,
      {
        conditions: conditions(
          'Issuing=False:Failed@1 The certificate request has failed',
          'Ready=False:DoesNotExist@2 Issuing certificate as Secret does not exist',
        ),
      },
      [
        'progressing Issuing certificate as Secret does not exist',
        'progressing Issuing certificate as Secret does not exist',
      ],
    ],
    [
      'an account that cannot be registered',
      ISSUER,
      1,
      { conditions: conditions('Ready=False:ErrRegisterACMEAccount@1 Failed to register ACME account: no such host') },
      ['progressing Failed to register ACME account: no such host', FAILED],
    ],
    [
      'synced',
      EXTERNAL,
      3,
      {
        conditions: conditions('Ready=True:SecretSynced secret synced'),
        refreshTime: 'x',
        syncedResourceVersion: '3-abc',
      },
      ['ready secret synced', 'ready secret synced'],
    ],
    [
      'synced, of the generation before',
      EXTERNAL,
      3,
      { conditions: conditions('Ready=True:SecretSynced secret synced'), syncedResourceVersion: '2-abc' },
      ['progressing spec not observed yet', 'progressing spec not observed yet'],
    ],
    [
      'a key that the store has not',
      EXTERNAL,
      1,
      {
        conditions: conditions('Ready=False:SecretSyncedError could not get secret data from provider'),
        syncedResourceVersion: '',
      },
      ['progressing could not get secret data from provider', FAILED],
    ],
    [
      'no longer there, after it was synced',
      EXTERNAL,
      2,
      { conditions: conditions('Ready=False:SecretSyncedError Secret does not exist'), syncedResourceVersion: '1-abc' },
      ['progressing Secret does not exist', FAILED],
    ],
    [
      'a store without its credentials',
      STORE,
      1,
      { conditions: conditions('Ready=False:InvalidProviderConfig could not validate provider') },
      ['progressing could not validate provider', FAILED],
    ],
    [
      'unsealed',
      SEALED,
      2,
      { observedGeneration: 2, conditions: conditions('Synced=True') },
      ['ready synced', 'ready synced'],
    ],
    [
      'unsealed, of the spec before',
      SEALED,
      2,
      { observedGeneration: 1, conditions: conditions('Synced=True') },
      ['progressing spec not observed yet', 'progressing spec not observed yet'],
    ],
    [
      'sealed for another cluster',
      SEALED,
      1,
      { observedGeneration: 1, conditions: conditions('Synced=False no key could decrypt secret (password)') },
      ['progressing no key could decrypt secret (password)', FAILED],
    ],
  ])('%s', (_, kind, generation, status, says) => expect(judged(kind, status, {}, generation)).toEqual(says))
})

describe('why a certificate is not issued', () => {
  const below = (kind: string, owner: string, status: Fields, revision?: string): KubeObject => ({
    apiVersion: `${kind === 'CertificateRequest' ? '' : 'acme.'}cert-manager.io/v1`,
    kind,
    metadata: {
      ...{ name: `db-${kind.toLowerCase()}`, namespace: 'prod', uid: kind },
      ownerReferences: [{ apiVersion: 'v1', kind: 'x', name: 'x', uid: owner, controller: true }],
      ...(revision === undefined ? {} : { annotations: { 'cert-manager.io/certificate-revision': revision } }),
    },
    status,
  })
  const waiting = resource(CERTIFICATE, {
    status: { conditions: conditions('Issuing=True:DoesNotExist@1 x', 'Ready=False:DoesNotExist@1 x') },
  })
  const request = (revision: string): KubeObject =>
    below(
      'CertificateRequest',
      waiting.metadata.uid ?? '',
      { conditions: conditions('Ready=False:Pending Waiting on certificate issuance') },
      revision,
    )
  const order = below('Order', 'CertificateRequest', { state: 'pending' })
  const target = targetOf(CERTIFICATE)

  test('is told by the challenge at the end of the chain', () => {
    const challenge = below('Challenge', 'Order', {
      state: 'pending',
      reason: "Waiting for HTTP-01 challenge propagation: wrong status code '404'",
    })
    const deploy = installed([target], set(waiting, request('1'), order, challenge))
    expect(deploy.says(target)).toBe("progressing Waiting for HTTP-01 challenge propagation: wrong status code '404'")
    expect(deploy.judge.timedOut({ name: 'tls', targets: [target], timeoutMs: 1_000 }, 1_000)).toMatchObject({
      code: 'E_RESOURCE_STALLED',
      chain: ['Certificate/db', 'CertificateRequest/db-certificaterequest', 'Order/db-order', 'Challenge/db-challenge'],
    })
  })

  test('a challenge that is over ends it', () => {
    const challenge = below('Challenge', 'Order', { state: 'invalid', reason: 'no TXT record' })
    const deploy = installed([target], set(waiting, request('1'), order, challenge))
    expect(deploy.says(target, 10_000)).toBe(FAILED)
  })

  test('the request of an issuance before says nothing', () => {
    expect(installed([target], set(waiting, request('0'))).says(target)).toBe('progressing x')
  })

  test('is watched only where a certificate is waited for', () => {
    const kinds = (one: Kind): string[] => watchedKinds([targetOf(one)]).map(({ kind }) => kind)
    expect([kinds(CERTIFICATE).includes('Challenge'), kinds(SEALED).includes('Challenge')]).toEqual([true, false])
  })
})
