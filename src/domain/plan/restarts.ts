import { calledAt, keyOf, type KubeObject } from '../kube.ts'
import { consumed } from '../manifest/references.ts'
import { markOf } from '../manifest/restart-marks.ts'
import type { FieldChange, Left, ObjectPlan, Restart } from './model.ts'
import { reachOf, type Reach } from './reach.ts'
import { hasPodTemplate } from '../workload-kinds.ts'

export interface RestartInput {
  readonly plans: readonly ObjectPlan[]
  readonly rendered: ReadonlyMap<string, KubeObject>
  readonly live: ReadonlyMap<string, KubeObject>
  /** Names of the keys that change, by secret. */
  readonly secretKeys: ReadonlyMap<string, readonly string[]>
  /** The environment's namespace: what is elsewhere is called so. */
  readonly home?: string
}

const TEMPLATE = /^spec\.template\./u
const MARK = /^spec\.template\.metadata\.annotations\.'(forge\.api-forge\.io\/(?:configmap|secret)-.+)'$/u
const HOME = /^spec\.template\.metadata\.annotations\.'forge\.api-forge\.io\/vault-(.+)'$/u
const NOTE = /^spec\.template\.metadata\.(?:annotations|labels)\.'?([^']+)'?$/u
const CONTAINER_FIELD = /^spec\.template\.spec\.(?:init)?[cC]ontainers\[[^\]]*\]\.?(\w*)/u

/** Which running workloads a deploy restarts (their pod template changes), and why, in words people use. */
export function planRestarts(input: RestartInput): Restart[] {
  return changedTemplates(input).filter(({ restarts }) => restarts)
}

/** Pods that a changed template does not reach, of workloads that restart in part or not at all. */
export function planLeft(input: RestartInput): Left[] {
  return changedTemplates(input).flatMap(({ workload, ref, because, left }) =>
    left === undefined ? [] : [{ workload, ref, because, what: left }],
  )
}

function changedTemplates({ plans, rendered, secretKeys, live, home }: RestartInput): (Restart & Reach)[] {
  const data = plans
    .filter(({ ref }) => ref.kind === 'ConfigMap' || ref.kind === 'Secret')
    .map(({ ref, changes }) => [`${ref.kind}/${ref.name}`, dataKeys(changes)] as const)
  const keys = new Map<string, readonly string[]>([
    ...data,
    ...[...secretKeys].map(([name, changed]) => [`Secret/${name}`, changed] as const),
  ])
  return plans.flatMap((plan) => {
    const { ref, action, changes } = plan
    if (!hasPodTemplate(ref.kind)) return []
    if (action !== 'change' && action !== 'replace') return []
    const object = rendered.get(keyOf(ref))
    const changed = changes.filter(({ path }) => TEMPLATE.test(path))
    const all = changed.map((change) => reasonOf(change, object, keys))
    const isReplaced = action === 'replace' && ref.kind !== 'StatefulSet'
    const reasons = [...(isReplaced ? ['replaced'] : []), ...all.map(({ text }) => text)]
    if (reasons.length === 0) return []
    const consumed = [...new Set(all.flatMap(({ name }) => name ?? []))]
    const reach = reachOf(plan, object, live.get(keyOf(ref)))
    const workload = calledAt(componentOf(object, ref.name), ref.namespace, home)
    return [{ workload, ref, because: [...new Set(reasons)], ...(consumed.length === 0 ? {} : { consumed }), ...reach }]
  })
}

interface Reason {
  readonly text: string
  /** Of the ConfigMap or Secret that it is about. */
  readonly name?: string
}

/** The component as people speak of it (docs/design.md, "Words"). */
export function componentOf(object: KubeObject | undefined, fallback: string): string {
  const labels = object?.metadata.labels
  return labels?.['app.kubernetes.io/component'] ?? labels?.['app.kubernetes.io/name'] ?? fallback
}

function reasonOf(
  { path, before, after }: FieldChange,
  object: KubeObject | undefined,
  keys: ReadonlyMap<string, readonly string[]>,
): Reason {
  const home = HOME.exec(path)?.[1]
  if (home !== undefined)
    return {
      text: before === undefined ? `${home} (watched from now on)` : `${home} version ${String(after)} in Vault`,
    }
  const mark = MARK.exec(path)?.[1]
  if (mark !== undefined) return markReason(mark, before, object, keys)
  const field = CONTAINER_FIELD.exec(path)?.[1]
  if (field === 'image') return { text: `image ${shortImage(String(after))}` }
  if (field !== undefined && field !== '') return { text: field }
  // As a plan names the field: a checksum by its name, not by its path.
  return { text: NOTE.exec(path)?.[1] ?? path.replace(TEMPLATE, '') }
}

/** The keys that changed, of those that the workload consumes. */
function markReason(
  mark: string,
  before: unknown,
  object: KubeObject | undefined,
  keys: ReadonlyMap<string, readonly string[]>,
): Reason {
  const consumes = object === undefined ? undefined : consumed(object).find((one) => markOf(one) === mark)
  const [, kind, suffix = ''] = /^forge\.api-forge\.io\/(configmap|secret)-(.+)$/u.exec(mark) ?? []
  const name = consumes?.name ?? suffix
  const known = keys.get(`${kind === 'secret' ? 'Secret' : 'ConfigMap'}/${name}`)
  const changed = (known ?? []).filter((key) => consumes?.uses?.includes(key) ?? true)
  if (changed.length > 0) return { name, text: [name, ...changed].join(' ') }
  if (before === undefined) return { name, text: `${name} (watched from now on)` }
  return { name, text: known === undefined ? `${name} (changed outside this project)` : name }
}

function dataKeys(changes: readonly FieldChange[]): string[] {
  return changes.flatMap(({ path }) => /^(?:data|binaryData)\.'?([^']+)'?$/u.exec(path)?.[1] ?? [])
}

/** The part of an image reference that tells two builds apart: eight digits of the digest, else the tag. */
export function shortImage(ref: string): string {
  const digest = /@sha256:([0-9a-f]{8})/u.exec(ref)?.[1]
  return digest ?? /:([\w.-]+)$/u.exec(ref)?.[1] ?? ref
}
