import type { ObjectRef } from '../kube.ts'

/**
 * What a deploy would do to one object. `keep`: no longer rendered, but its owner asked that it stays. `unknown`: the
 * live object may not be read.
 */
export type Action = 'create' | 'change' | 'replace' | 'delete' | 'keep' | 'unchanged' | 'unknown'

export interface FieldChange {
  /** From the object's root; list items by their merge key: `spec.template.spec.containers[app].image`. */
  readonly path: string
  /** Undefined: the field is not there (yet, or any more). */
  readonly before: unknown
  readonly after: unknown
  /** `values.prod.yaml:31`: the line of the project that the new value comes from, where it is known. */
  readonly at?: string
}

/** Who wrote a field last, by the object's managedFields. */
export interface FieldManager {
  readonly manager: string
  /** ISO 8601; the API server notes when the manager last wrote, not which field. */
  readonly time: string | undefined
}

/** What somebody else changed since the last deploy. */
export interface DriftedField extends FieldManager {
  readonly path: string
  /** Undefined: the chart does not state it. */
  readonly deployed: unknown
  readonly live: unknown
  /** `stays`: no chart states it, so no deploy touches it. */
  readonly end: 'overwritten' | 'kept' | 'stays'
  /** With `kept`: why. */
  readonly because?: string
}

/** A field that the deploy sets and that another manager owns. */
export interface Conflict {
  readonly field: string
  readonly manager: string
  /** True: the manager would write it again, or no deploy ever agreed on its value; the drift policy decides. */
  readonly held: boolean
}

export interface ObjectPlan {
  readonly ref: ObjectRef
  readonly release: string
  readonly action: Action
  /** What differs between the live object and the one after the deploy. Empty for create, delete, keep and unchanged. */
  readonly changes: readonly FieldChange[]
  readonly drift: readonly DriftedField[]
  readonly conflicts: readonly Conflict[]
  /** Why the API server did not say what it would store; then `changes` is forge's own comparison. */
  readonly notChecked?: string
  /** The release that it moves from (`takesOver`). */
  readonly from?: string
  /** With `replace`: what cannot be changed in place. */
  readonly because?: string
  /** A claim that a StatefulSet made: helm knows nothing of it, so forge itself asks for this size. */
  readonly grows?: string
  readonly template: string
}

/** Pods that go on as they are although the template of their workload changes. */
export interface Left extends Restart {
  /** `db-1, db-0 go on as they are until they are deleted (updateStrategy OnDelete)` */
  readonly what: string
}

export interface Restart {
  /** The component's name, as people speak of it. */
  readonly workload: string
  readonly ref: ObjectRef
  /** `image 1f3c9a2e`, `app-env LOG_LEVEL`, `app-secrets oidc_google`, `resources` */
  readonly because: readonly string[]
  /** Names of the ConfigMaps and Secrets among the reasons; left out where there are none. */
  readonly consumed?: readonly string[]
}
