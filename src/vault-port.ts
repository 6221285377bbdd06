/** Where Vault (or OpenBao) is and how forge gets a token there. What the environment of the process says goes before it. */
export interface VaultAccess {
  readonly address?: string | undefined
  readonly namespace?: string | undefined
  /** Absolute path of a PEM file with the CA of its certificate. */
  readonly ca?: string | undefined
  /** Where nobody gives a token. */
  readonly login?: VaultLogin | undefined
}

export interface VaultLogin {
  readonly method: 'jwt' | 'kubernetes'
  readonly role: string
  /** Where the method is mounted: `jwt`. */
  readonly mount: string
  /** The token of a pipeline; undefined: that of the pod's ServiceAccount. */
  readonly jwt: string | undefined
}

/** The newest version at a path, or another that was asked for. Version 1 of the engine has no numbers. */
export interface VaultVersion {
  readonly engine: 1 | 2
  /** 0 where nothing was ever written. */
  readonly version: number
  readonly state: 'there' | 'nothing' | 'deleted' | 'destroyed'
  /** ISO 8601, of version 2 of the engine. */
  readonly createdAt?: string
}

export interface VaultContent extends VaultVersion {
  /** Empty where nothing is there. */
  readonly data: Readonly<Record<string, unknown>>
}

/** KV engines of one server, read and written by check-and-set. All throw E_SOURCE_VAULT. */
export interface VaultStore {
  readonly address: string
  /** Without a value being read, where the token may read metadata. */
  newest(path: string): Promise<VaultVersion>
  /** `version`: of version 2 of the engine; undefined: the newest. `signal`: as for `write`. */
  content(path: string, version?: number, signal?: AbortSignal): Promise<VaultContent>
  /**
   * A new version of version 2 of the engine, if the newest is still `cas`: its number. Undefined: somebody else wrote. `signal`: in
   * place of that of the run, for what must be done when that is to stop.
   */
  write(
    path: string,
    data: Readonly<Record<string, unknown>>,
    cas: number,
    signal?: AbortSignal,
  ): Promise<number | undefined>
}

/** What is at a path of a KV engine. */
export type VaultSecret =
  | { readonly kind: 'found'; readonly data: Readonly<Record<string, unknown>> }
  /** `Vault at https://… has nothing at secret/shop/app`, `version 3 of … is deleted` */
  | { readonly kind: 'missing'; readonly what: string }

/** What forge sees of Vault. `unseen`: it may not, or there is no way there; `why` says so. */
export type Seen<T> =
  | { readonly kind: 'seen'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unseen'; readonly why: string }

/** A role of the Kubernetes method: who may log in, and what that is good for. */
export interface VaultRole {
  /** Names of ServiceAccounts and namespaces, `*` among them. */
  readonly accounts: readonly string[]
  readonly namespaces: readonly string[]
  /** Namespaces are chosen by labels, too. */
  readonly selects: boolean
  /** That the token of the ServiceAccount must have; undefined: any. */
  readonly audience: string | undefined
  readonly policies: readonly string[]
}

/** What there is at a path, without its values. */
export interface VaultPlace {
  /** As the API has it, and policies: `secret/data/shop/app`. */
  readonly path: string
  /** Undefined: of an engine that keeps no values (`database`, `pki`), so there is nothing to look up. */
  readonly keys: readonly string[] | undefined
  readonly engine: string
}

/** Looks at Vault for what pods will ask. Each question is asked once; nothing throws but for the end of the run. */
export interface VaultExaminer {
  /** Which Vault that is. */
  where(): Promise<Seen<{ readonly address: string; readonly namespace: string | undefined }>>
  /** `mount`: `kubernetes` */
  role(mount: string, name: string): Promise<Seen<VaultRole>>
  /** Its text. */
  policy(name: string): Promise<Seen<string>>
  place(path: string): Promise<Seen<VaultPlace>>
}
