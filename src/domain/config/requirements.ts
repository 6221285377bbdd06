import type { Position } from './position.ts'

/** What must be in the cluster before a deploy, and is not the project's to make. */
export interface Requirements {
  /** `certificates.cert-manager.io`, with a version where one is asked for. */
  readonly crds: readonly RequiredName[]
  /** Programs that act on custom resources: a workload of that name, or of that label. */
  readonly operators: readonly (RequiredName & { readonly namespace?: string })[]
  readonly secrets: readonly (RequiredName & { readonly keys: readonly string[] })[]
  /** Without `namespace` the environment's; without `port` any. */
  readonly services: readonly (RequiredName & { readonly namespace?: string; readonly port?: string })[]
  /** Pools by labels (none: all nodes), and what they must offer together: cores, and bytes. */
  readonly nodes: readonly {
    readonly selector: Readonly<Record<string, string>>
    readonly cpu?: number
    readonly memory?: number
    readonly at: Position
  }[]
  /** `any`: some default class; undefined: no claim is made about storage. */
  readonly storageClass?: RequiredName
  readonly vault?: VaultRequirement
}

/** What of Vault must be there, whatever the charts ask for. */
export interface VaultRequirement {
  /** `any`: the one whose webhook is registered; else its Deployment. */
  readonly injector?: (RequiredName & { readonly namespace: string }) | { readonly name: 'any'; readonly at: Position }
  readonly role?: RequiredName & {
    /** Of the Kubernetes method. */
    readonly mount: string
    /** Undefined: whichever. */
    readonly serviceAccount?: string
  }
  /** With their keys. */
  readonly paths: readonly (RequiredName & { readonly keys: readonly string[] })[]
}

export interface RequiredName {
  readonly name: string
  readonly at: Position
}
