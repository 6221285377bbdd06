import type { Hint } from '../../hint.ts'

/** In the order in which they are shown: what stands first has to work before the rest can be known. */
export const GROUPS = [
  'tools',
  'access',
  'rights',
  'project',
  'namespace',
  'storage',
  'network',
  'workloads',
  'images',
] as const

export type Group = (typeof GROUPS)[number]

/** `problem`: a deploy would fail. `unchecked`: it could not be looked at, which says neither. */
export type Mark = 'ok' | 'warning' | 'problem' | 'unchecked'

/** One thing that was looked at. */
export interface Line {
  readonly group: Group
  readonly mark: Mark
  readonly text: string
  readonly code?: string
  readonly where?: string
  readonly hint?: Hint
  /** Of what is well: there is no more to say of it than that, so that several share a row. */
  readonly isBrief?: boolean
}

/** What a judgement of the doctor's own finds: nobody is refused for it by a deploy. */
export interface Remark {
  readonly kind: 'well' | 'doubt' | 'unknown'
  readonly text: string
  readonly where?: string
  /** Arguments of kubectl that show more. */
  readonly show?: readonly string[]
  readonly namespace?: string
}
