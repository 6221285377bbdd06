import { keyOf, type KubeObject } from '../kube.ts'
import type { FieldChange, ObjectPlan, Restart } from './model.ts'

export interface RestartInput {
  readonly plans: readonly ObjectPlan[]
  readonly rendered: ReadonlyMap<string, KubeObject>
  /** Names of the keys that change, by secret. */
  readonly secretKeys: ReadonlyMap<string, readonly string[]>
}

const TEMPLATE = /^spec\.template\./u
const CONFIG_MAP = /^spec\.template\.metadata\.annotations\.'forge\.api-forge\.io\/configmap-(.+)'$/u
const SECRET = /^spec\.template\.metadata\.annotations\.'forge\.api-forge\.io\/secret-(.+)'$/u
const CONTAINER_FIELD = /^spec\.template\.spec\.(?:init)?[cC]ontainers\[[^\]]*\]\.?(\w*)/u

/** Which running workloads a deploy restarts (their pod template changes), and why, in words people use. */
export function planRestarts({ plans, rendered, secretKeys }: RestartInput): Restart[] {
  const configKeys = new Map(
    plans.filter(({ ref }) => ref.kind === 'ConfigMap').map(({ ref, changes }) => [ref.name, dataKeys(changes)]),
  )
  return plans.flatMap(({ ref, action, changes }) => {
    if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(ref.kind)) return []
    if (action !== 'change' && action !== 'replace') return []
    const changed = changes.filter(({ path }) => TEMPLATE.test(path))
    const all = changed.map((change) => reasonOf(change, configKeys, secretKeys))
    const reasons = action === 'replace' && ref.kind !== 'StatefulSet' ? ['replaced', ...all] : all
    if (reasons.length === 0) return []
    const object = rendered.get(keyOf(ref))
    return [{ workload: componentOf(object, ref.name), ref, because: [...new Set(reasons)] }]
  })
}

/** The component as people speak of it (design.md, "Words"). */
export function componentOf(object: KubeObject | undefined, fallback: string): string {
  const labels = object?.metadata.labels
  return labels?.['app.kubernetes.io/component'] ?? labels?.['app.kubernetes.io/name'] ?? fallback
}

function reasonOf(
  { path, after }: FieldChange,
  configKeys: ReadonlyMap<string, readonly string[]>,
  secretKeys: ReadonlyMap<string, readonly string[]>,
): string {
  const configMap = CONFIG_MAP.exec(path)?.[1]
  if (configMap !== undefined) return [configMap, ...(configKeys.get(configMap) ?? [])].join(' ')
  const secret = SECRET.exec(path)?.[1]
  if (secret !== undefined) return [secret, ...(secretKeys.get(secret) ?? [])].join(' ')
  const field = CONTAINER_FIELD.exec(path)?.[1]
  if (field === 'image') return `image ${shortImage(String(after))}`
  return field !== undefined && field !== '' ? field : path.replace(TEMPLATE, '')
}

function dataKeys(changes: readonly FieldChange[]): string[] {
  return changes.flatMap(({ path }) => /^(?:data|binaryData)\.'?([^']+)'?$/u.exec(path)?.[1] ?? [])
}

/** The part of an image reference that tells two builds apart: eight digits of the digest, else the tag. */
export function shortImage(ref: string): string {
  const digest = /@sha256:([0-9a-f]{8})/u.exec(ref)?.[1]
  return digest ?? /:([\w.-]+)$/u.exec(ref)?.[1] ?? ref
}
