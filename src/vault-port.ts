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

/** What is at a path of a KV engine. */
export type VaultSecret =
  | { readonly kind: 'found'; readonly data: Readonly<Record<string, unknown>> }
  /** `Vault at https://… has nothing at secret/shop/app`, `version 3 of … is deleted` */
  | { readonly kind: 'missing'; readonly what: string }
