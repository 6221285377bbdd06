import type { PlainMap } from '../config/path.ts'
import type { Hint } from '../../hint.ts'

/** What may stand beside the key that says of which kind a source is. */
export type SourceDetail = 'path' | 'name' | 'trim' | 'key'

/** What forge does for a checkout that it does not trust, and why not. */
export interface Refused {
  readonly message: string
  readonly hint?: Hint
}

/** All that is known of one kind of source but how it is read (flows/project/source-reader.ts). */
export interface SourceType<Source extends { readonly kind: string }> {
  readonly details: readonly SourceDetail[]
  /** Those of them that must be there. */
  readonly needs: readonly SourceDetail[]
  readonly parse: (raw: PlainMap) => Source
  /** Where a value comes from, for people. `shown`: a path as they know it. */
  readonly describe: (source: Source, shown: (file: string) => string) => string
  /** Only the machine that deploys has it, so that `validate` does without. */
  readonly isElsewhere: boolean
  /** What keeps its values from people who may not see them: they are shown nowhere, and stand nowhere in the clear. */
  readonly keeper?: 'sops' | 'Vault'
  /** What a stranger's checkout may not ask for; undefined: it may. Files are looked at where they are opened. */
  readonly refused: (source: Source, variables: readonly string[]) => Refused | undefined
}

export const allowed = (): undefined => undefined

export function textOf(raw: PlainMap, name: string): string {
  return String(raw[name])
}
