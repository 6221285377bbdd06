import { LABELS, labelValue, SECRET_KIND } from '../journal/labels.ts'
import { keyOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { isMap } from '../config/path.ts'
import type { StateScope } from '../state-scope.ts'
import type { LegacyState } from './model.ts'

const TYPE = 'forge.api-forge.io/legacy'
/** A Secret holds 1 MiB; base64 makes four bytes of three. */
export const STATE_LIMIT = 1_000_000

/** The Secret in which the old stack is kept, from before the first write of a migration on. */
export function stateRef({ project, namespace }: StateScope): ObjectRef {
  return { ...SECRET_KIND, namespace, name: `forge-${project}-legacy` }
}

export function stateSecret(scope: StateScope, packed: string): KubeObject {
  const { name } = stateRef(scope)
  const labels = { [LABELS.project]: labelValue(scope.project) }
  return { ...SECRET_KIND, type: TYPE, metadata: { name, namespace: scope.namespace, labels }, data: { state: packed } }
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

/** What was kept first is how it was before any of it was touched. */
export function mergedState(known: LegacyState, added: LegacyState): LegacyState {
  const [adopted, retired] = [unite(known.adopted, added.adopted), unite(known.retired, added.retired)]
  const names = new Set(known.releases.map(({ name, namespace }) => `${namespace}/${name}`))
  const others = added.releases.filter(({ name, namespace }) => !names.has(`${namespace}/${name}`))
  return {
    version: 1,
    releases: [...known.releases, ...others],
    adopted,
    retired,
    volumes: { ...added.volumes, ...known.volumes },
  }
}

function unite(known: readonly KubeObject[], added: readonly KubeObject[]): KubeObject[] {
  const keys = new Set(known.map(keyOf))
  return [...known, ...added.filter((object) => !keys.has(keyOf(object)))]
}
