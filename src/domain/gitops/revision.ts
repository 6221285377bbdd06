/** Which revision is waited for: a commit of Git, or the digest of an OCI artifact. */
export interface WantedRevision {
  /** Whole, or its first letters, at least 7; lower case. */
  readonly hex: string
  /** Where it was said: a commit alone may be of either. */
  readonly algorithm?: 'sha1' | 'sha256'
}

/** How a revision stands to the one that is waited for, by the history of the checkout. */
export type Relation = 'older' | 'newer' | 'unknown'

/** `1a2b3c4`, `sha256:9f8e…`, `main@sha1:1a2b…`, as a person or a controller writes it. Undefined: it is none. */
export function parseRevision(text: string): WantedRevision | undefined {
  const [, algorithm, hex] = /^(?:\S+@)?(?:(sha1|sha256):)?([0-9a-f]{7,64})$/iu.exec(text.trim()) ?? []
  if (hex === undefined) return undefined
  const known = algorithm?.toLowerCase() as WantedRevision['algorithm']
  return { hex: hex.toLowerCase(), ...(known === undefined ? {} : { algorithm: known }) }
}

/** The commit or digest in what a controller writes: Flux `main@sha1:HEX`, before its 2.0 `main/HEX`; Argo CD `HEX`. */
export function hexOf(revision: string | undefined): string | undefined {
  return /(?:^|[@:/])([0-9a-f]{40}|[0-9a-f]{64})$/iu.exec(revision ?? '')?.[1]?.toLowerCase()
}

/** Whether this is exactly the wanted one. What names no commit and no digest never is. */
export function revisionIs({ hex, algorithm }: WantedRevision, revision: string | undefined): boolean {
  const found = hexOf(revision)
  if (found === undefined || !found.startsWith(hex)) return false
  const said = /(sha1|sha256):[0-9a-f]+$/iu.exec(revision ?? '')?.[1]?.toLowerCase()
  return algorithm === undefined || said === undefined || said === algorithm
}

/** `0.1.0+1a2b3c4d5e6f`: the chart of a HelmRelease whose strategy is Revision carries the commit in its version. */
export function versionIs({ hex }: WantedRevision, version: string): boolean {
  const built = /\+([0-9a-f]{7,64})(?:\.\d+)?$/iu.exec(version)?.[1]?.toLowerCase()
  return built !== undefined && (built.startsWith(hex) || hex.startsWith(built))
}

const SHOWN = 12

/** `main@1a2b3c4d5e6f` */
export function revisionText(revision: string | undefined): string {
  if (revision === undefined || revision === '') return 'nothing'
  const hex = hexOf(revision)
  if (hex === undefined) return revision
  const before = revision.slice(0, -hex.length).replace(/^refs\/(?:heads|tags)\//u, '')
  return `${before.replace(/sha(?:1|256):$/u, '').replace(/\/$/u, '@')}${hex.slice(0, SHOWN)}`
}

export function wantedText({ hex }: WantedRevision): string {
  return hex.slice(0, SHOWN)
}
