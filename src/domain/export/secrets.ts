import type { KubeObject } from '../kube.ts'

/** A store of the External Secrets operator: `ClusterSecretStore/vault`. */
export interface SecretStoreRef {
  readonly kind: 'SecretStore' | 'ClusterSecretStore'
  readonly name: string
}

export interface StoredSecret {
  readonly name: string
  readonly namespace: string
  readonly type: string
  readonly keys: readonly string[]
}

/**
 * A Secret that the operator makes of what a store has under `PROJECT/ENVIRONMENT/NAME`, one property for each key
 * (https://external-secrets.io/latest/api/externalsecret/).
 */
export function externalSecret(
  { name, namespace, type, keys }: StoredSecret,
  store: SecretStoreRef,
  { project, environment }: { readonly project: string; readonly environment: string },
): KubeObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { ...store },
      target: { name, creationPolicy: 'Owner', template: { type } },
      data: keys.map((key) => ({
        secretKey: key,
        remoteRef: { key: `${project}/${environment}/${name}`, property: key },
      })),
    },
  }
}
