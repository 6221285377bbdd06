import type { Hint } from '../../hint.ts'
import { resourceName, type KubeObject, type ObjectRef } from '../kube.ts'
import { kubectl } from '../../hint.ts'
import type { Relation, WantedRevision } from './revision.ts'

/** How one object stands to the revision that is waited for. */
export type State =
  /** Exactly this one is applied, and its controller says that all went well. `note`: what a person has to know all the same. */
  | { readonly state: 'applied'; readonly note?: string }
  | { readonly state: 'waiting'; readonly why: string }
  /**
   * The controller could not apply it. `lastsMs`: for so long its word may change by itself; without end where it tries again as
   * often as it was told to. `undone`: what it took back by itself.
   */
  | {
      readonly state: 'failing'
      readonly reason: string
      readonly why: string
      readonly lastsMs: number
      readonly undone?: string
    }
  /** Another one came before this was applied, or after. */
  | { readonly state: 'superseded'; readonly by: string; readonly why: string }
  /** Nobody will apply it until somebody lets them. */
  | { readonly state: 'held'; readonly why: string; readonly resume: Hint }

/** `on`: the object that says so. */
export type Standing = State & { readonly on: ObjectRef; readonly chain: readonly string[] }

export interface FollowContext {
  readonly wanted: WantedRevision
  readonly get: (ref: ObjectRef) => KubeObject | undefined
  /** Whether the wanted revision is one of this source. */
  readonly isOurs: (source: ObjectRef) => boolean
  readonly relation: (revision: string) => Relation
  /** Keys of what had the wanted revision at some moment. */
  readonly had: ReadonlySet<string>
  /** How `forge resume` is called, for what forge itself has suspended. */
  readonly resume: Hint
}

/** `Kustomization flux-system/apps` */
export function placed({ kind, name, namespace }: ObjectRef): string {
  return `${kind} ${namespace === undefined || namespace === '' ? name : `${namespace}/${name}`}`
}

/** What lets Flux go on. */
export function unsuspend(ref: ObjectRef): Hint {
  return kubectl(
    ['patch', resourceName(ref), ref.name, '--type=merge', '--patch', '{"spec":{"suspend":false}}'],
    ref.namespace,
  )
}
