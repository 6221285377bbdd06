import type { KubeObject } from '../kube.ts'

/** What ran: the deploy that made these revisions. Undefined: the journal knows none. */
export interface Ran {
  readonly deploy: number | undefined
  readonly revisions: readonly { readonly release: string; readonly revision: number }[]
  /** What ran before a release came to be (`forge migrate-to-helm`). */
  readonly isLegacy?: true
}

/** `contended`: somebody else keeps writing it. `refused`: in whose words. */
export type NotTakenBack =
  { readonly kind: 'gone' | 'contended' } | { readonly kind: 'refused'; readonly message: string }

/** A definition of crds/ that the deploy wrote, and that is not as it was: new, not asked to go back, or why it could not. */
export type LeftDefinition =
  | { readonly name: string; readonly how: 'made' | 'kept' }
  | { readonly name: string; readonly how: 'stuck'; readonly why: NotTakenBack }

/** How the way back ended. */
export type WentBack =
  | {
      readonly kind: 'restored'
      readonly ran: Ran
      readonly revisions: readonly {
        readonly release: string
        readonly made: number | undefined
        readonly as: number
      }[]
      /** StatefulSets whose claims were told to stay. */
      readonly retained: readonly string[]
      /** Not there before the deploy, nor now. */
      readonly missing: readonly string[]
      /** What its hooks have made or changed, and helm leaves. */
      readonly hooks: readonly string[]
    }
  /** Ready again, and not as before. `fresh`: releases that are new, and stay. */
  | {
      readonly kind: 'differs'
      readonly ran: Ran
      readonly objects: readonly string[]
      readonly fresh: readonly string[]
    }
  | { readonly kind: 'leaving'; readonly objects: readonly KubeObject[] }
  | { readonly kind: 'not-ready'; readonly why: string }
  /** There was nothing before. The Secrets that it overwrote went back, but for keys that may not. */
  | {
      readonly kind: 'first-install'
      readonly releases: readonly string[]
      readonly overwritten: readonly string[]
      readonly refusing: readonly string[]
    }
  /** Nothing was touched, because of keys, data, Jobs, or a schema that the code before cannot read. */
  | { readonly kind: 'refusing'; readonly keys: readonly string[] }
  | { readonly kind: 'data-loss'; readonly losses: readonly string[] }
  | { readonly kind: 'job-runs'; readonly jobs: readonly string[] }
  | {
      readonly kind: 'schema'
      readonly release: string
      readonly version: number
      /** What this deploy saved before: `temporal: appdb-….dump`. */
      readonly saved?: readonly string[]
    }

/** What kept it from ending, or from beginning. */
export type CutOff =
  /** What it left is neither state. `file`: where the stack of a bug is. */
  | { readonly kind: 'broke-off'; readonly why: string; readonly file: string | undefined }
  /** By a second signal: in its middle, or before it began. */
  | { readonly kind: 'left' | 'not-begun' }
  /** Past the point where helm's records go: it can only be completed. */
  | { readonly kind: 'leaving-helm' }
  | { readonly kind: 'lock-lost' }
  /** `--no-rollback`. `ran`: helm had changed nothing, and this runs still. */
  | { readonly kind: 'not-asked'; readonly ran: Ran | undefined }

/** How an automatic rollback ended. */
export interface BackEnd {
  readonly back: WentBack | CutOff
  readonly definitions: readonly LeftDefinition[]
}

/** Every object of the releases is as it was, and all of it is ready. */
export function isBack({ back, definitions }: BackEnd): boolean {
  return back.kind === 'restored' && definitions.every(({ how }) => how !== 'stuck')
}
