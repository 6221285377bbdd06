import type { PodMaker } from '../doctor/pods.ts'
import { nameOf } from '../kube.ts'
import { injectionOf, type Injection } from './injection.ts'

/** What somebody will ask of Vault, who logs in with the token of a ServiceAccount. */
export interface VaultNeed {
  /** `Deployment/web` */
  readonly by: string
  /** Undefined: it is not known who logs in. */
  readonly login: VaultLoginNeed | undefined
  readonly reads: readonly VaultReadNeed[]
  /** An address and a namespace of Vault that its pods name themselves. */
  readonly address: string | undefined
  readonly vaultNamespace: string | undefined
  /** What cannot be known of it, and why. */
  readonly unknown: readonly { readonly what: string; readonly why: string }[]
}

export interface VaultLoginNeed {
  readonly role: string
  /** Of the method: `kubernetes`. */
  readonly mount: string
  readonly namespace: string
  /** Undefined: whichever. */
  readonly account: string | undefined
  /** That its token is made for; undefined: the API server's own. */
  readonly audience: string | undefined
}

export interface VaultReadNeed {
  readonly path: string
  readonly keys: readonly string[]
  /** The engine makes it when it is written to. */
  readonly isMade: boolean
}

/** Of the pods that a workload makes. Undefined: they ask for no agent. */
export function needOf(maker: PodMaker): VaultNeed | undefined {
  const injection = injectionOf(maker.annotations)
  if (injection === undefined) return undefined
  const by = nameOf(maker.object)
  return {
    by,
    login: loginOf(injection, maker),
    reads: together(injection.files.flatMap(({ reads }) => reads)),
    address: injection.address,
    vaultNamespace: injection.namespace,
    unknown: unknownOf(injection),
  }
}

function loginOf({ role, method, authPath, configMap }: Injection, maker: PodMaker): VaultLoginNeed | undefined {
  if (role === undefined || method !== 'kubernetes' || configMap !== undefined) return undefined
  const { serviceAccountName, serviceAccount } = maker.spec as { serviceAccountName?: string; serviceAccount?: string }
  return {
    role,
    mount: authPath.replace(/^auth\//u, ''),
    namespace: maker.namespace,
    account: serviceAccountName ?? serviceAccount ?? 'default',
    audience: audienceOf(maker),
  }
}

const TOKEN_VOLUME = 'vault.hashicorp.com/agent-service-account-token-volume-name'

interface Projected {
  readonly name: string
  readonly projected?: {
    readonly sources?: readonly { readonly serviceAccountToken?: { readonly audience?: string } }[]
  }
}

function audienceOf({ annotations, spec }: PodMaker): string | undefined {
  const { volumes = [] } = spec as { readonly volumes?: readonly Projected[] }
  const volume = volumes.find(({ name }) => name === annotations[TOKEN_VOLUME])
  return volume?.projected?.sources?.flatMap(({ serviceAccountToken }) => serviceAccountToken?.audience ?? [])[0]
}

function unknownOf({ files, configMap, method, role }: Injection): VaultNeed['unknown'] {
  if (configMap !== undefined)
    return [{ what: 'what its agent asks of Vault', why: `ConfigMap ${configMap} says that` }]
  const whole = role !== undefined && method !== 'kubernetes'
  return [
    ...(whole ? [{ what: 'its login at Vault', why: `it logs in by ${method}` }] : []),
    ...files
      .filter(({ isUnknown }) => isUnknown)
      .map(({ name }) => ({ what: `what ${name} is made of`, why: 'its template is in the image' })),
  ]
}

/** Each path once, with all keys that are read of it. */
function together(reads: readonly VaultReadNeed[]): VaultReadNeed[] {
  const found = new Map<string, VaultReadNeed>()
  for (const { path, keys, isMade } of reads) {
    const before = found.get(path)
    found.set(path, {
      path,
      keys: [...new Set([...(before?.keys ?? []), ...keys])],
      isMade: isMade || before?.isMade === true,
    })
  }
  return [...found.values()]
}
