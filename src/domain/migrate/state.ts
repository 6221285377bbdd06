import { LABELS, labelValue, SECRET_KIND } from '../journal/labels.ts'
import type { KubeObject, ObjectRef } from '../kube.ts'
import { isMap } from '../config/path.ts'
import type { StateScope } from '../state-scope.ts'
import type { LegacyState } from './model.ts'

const TYPE = 'forge.api-forge.io/legacy'
/** The tool of before has no claim to what is helm's any more, and volumes are as free as they were. */
const FINISHED = 'forge.api-forge.io/finished'
/** A Secret holds 1 MiB; base64 makes four bytes of three. */
export const STATE_LIMIT = 1_000_000

/** The Secret in which the old stack is kept, from before the first write of a migration on: each deploy has its own. */
export function stateRef({ project, namespace }: StateScope, deploy: number): ObjectRef {
  return { ...SECRET_KIND, namespace, name: `${prefix(project)}${deploy}` }
}

export function stateSecret(scope: StateScope, deploy: number, packed: string): KubeObject {
  const { name } = stateRef(scope, deploy)
  const labels = { [LABELS.project]: labelValue(scope.project) }
  return { ...SECRET_KIND, type: TYPE, metadata: { name, namespace: scope.namespace, labels }, data: { state: packed } }
}

/** Undefined: it is finished already. */
export function asFinished(secret: KubeObject): KubeObject | undefined {
  const { annotations = {} } = secret.metadata
  if (annotations[FINISHED] !== undefined) return undefined
  return { ...secret, metadata: { ...secret.metadata, annotations: { ...annotations, [FINISHED]: 'true' } } }
}

/** Deploys whose migration stands, and was cut off before its end. */
export function unfinishedIn(objects: Iterable<KubeObject>, { project, namespace }: StateScope): number[] {
  return [...objects].flatMap((object) => {
    const { name, namespace: home } = object.metadata
    const number = Number(name.slice(prefix(project).length))
    const isOwn = home === namespace && name === `${prefix(project)}${number}`
    return isOwn && packedState(object) !== undefined && asFinished(object) !== undefined ? number : []
  })
}

function prefix(project: string): string {
  return `forge-${project}-legacy-`
}

/** Undefined: it is none that this forge has written. */
export function packedState(secret: KubeObject): string | undefined {
  const { state } = (secret['data'] ?? {}) as { readonly state?: string }
  return secret['type'] === TYPE ? state : undefined
}

/** Undefined: it is of a format that this forge does not know. */
export function readState(text: string): LegacyState | undefined {
  const found: unknown = JSON.parse(text)
  return isMap(found) && found['version'] === 1 ? (found as unknown as LegacyState) : undefined
}
