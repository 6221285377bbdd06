import { showLine } from '../../domain/config/position.ts'
import { keyOf } from '../../domain/kube.ts'
import type { FailureFacts } from '../../domain/readiness/model.ts'
import type { FieldChange, ObjectPlan } from '../../domain/plan/model.ts'
import type { Provenance } from '../../domain/values/model.ts'
import type { ErrorCode } from '../../errors.ts'
import type { StageFailure } from '../follow.ts'
import type { Planned, ReleasePlan } from '../phases/planned.ts'
import { textOf } from '../../domain/values/text-of.ts'

type Known = Pick<Planned, 'releases' | 'project' | 'secretPlans'>

/** Fields of a pod template that may be behind a code; the others are looked at after them. */
const FIELDS: Partial<Record<ErrorCode, RegExp>> = {
  E_ADMISSION: /securityContext|resources|serviceAccount/u,
  E_CONTAINER_START: /command|args/u,
  E_OOM_KILLED: /memory/u,
  E_PROBE_FAILING: /Probe|ports/u,
  E_QUOTA: /resources|replicas/u,
  E_UNSCHEDULABLE: /resources|nodeSelector|affinity|tolerations|topologySpread/u,
  E_VOLUME: /storageClassName|volume/iu,
}

/**
 * The line of the project that most likely made a workload fail: what its verdict names (an image, a Secret), else what
 * this deploy changed about it, traced to the file that the value came from. Undefined when nothing changed, or not by a
 * value that forge knows the origin of. Secret values are never shown.
 */
export function responsibleLine({ target, failure }: StageFailure, known: Known): string | undefined {
  const key = failure.root ?? keyOf(target)
  for (const work of known.releases) {
    const plan = work.plans.find(({ ref }) => keyOf(ref) === key)
    if (plan === undefined) continue
    const [first, ...others] = byField(failure.code, plan.changes)
    return (
      pulledImage(failure, work) ??
      missingObject(failure, known) ??
      fieldLine(first) ??
      changedImage(plan.changes, work) ??
      configLine(plan.changes, work) ??
      secretLine(plan.changes, known) ??
      others.map(fieldLine).find((line) => line !== undefined)
    )
  }
  return undefined
}

/** The change that fits the code, if any; then those of the pod template. */
function byField(code: ErrorCode, changes: ObjectPlan['changes']): readonly (FieldChange | undefined)[] {
  const pattern = FIELDS[code]
  const located = changes.filter(({ at, path }) => at !== undefined && path.startsWith('spec.'))
  const fitting = pattern === undefined ? undefined : located.find(({ path }) => pattern.test(path))
  return [fitting, ...located]
}

function fieldLine(change: FieldChange | undefined): string | undefined {
  if (change?.at === undefined) return undefined
  // A flag with the path of its value says all that was typed.
  if (change.at.startsWith('--')) return `${change.at}=${textOf(change.after)}`
  const name = change.path.replace(/^.*\.containers\[[^\]]*\]\./u, '').replace(/^spec\.(?:template\.spec\.)?/u, '')
  return `${change.at}  ${name}=${textOf(change.after)}`
}

/** Also in a first install, where nothing changes: the value that is the image, or its tag if only one value is that. */
function pulledImage({ image }: FailureFacts, { configuration }: ReleasePlan): string | undefined {
  if (image === undefined) return undefined
  const origins = [...configuration.origins].map(([path, [won]]) => ({ path, won }))
  const whole = origins.find(({ won }) => won.value === image)
  const tags = origins.filter(({ path, won }) => path.endsWith('.tag') && image.endsWith(`:${textOf(won.value)}`))
  const found = whole ?? (tags.length === 1 ? tags[0] : undefined)
  return found === undefined ? undefined : `${show(found.won)}  ${found.path}=${textOf(found.won.value)}`
}

function changedImage(changes: ObjectPlan['changes'], { configuration }: ReleasePlan): string | undefined {
  const images = changes.filter(({ path }) => path.endsWith('.image')).map(({ after }) => after)
  for (const [path, [won]] of configuration.origins)
    if (images.includes(won.value)) return `${show(won)}  ${path}=${textOf(won.value)}`
  return undefined
}

/** Where the Secret or ConfigMap that a container misses is described. */
function missingObject({ missing }: FailureFacts, { project }: Known): string | undefined {
  const { kind, name } = missing ?? {}
  const maps = project.releases.flatMap(({ configMaps }) => configMaps)
  const specs = kind === 'Secret' ? project.secrets : kind === 'ConfigMap' ? maps : []
  const spec = specs.find((one) => one.name === name)
  return spec === undefined ? undefined : `${showLine(spec.at)}  ${kind ?? ''} ${spec.name}`
}

/** The ConfigMap keys that changed among those whose hash the pod template carries. */
function configLine(changes: ObjectPlan['changes'], { configuration, plans }: ReleasePlan): string | undefined {
  for (const name of consumed('configmap', changes)) {
    const keys = plans.find(({ ref }) => ref.kind === 'ConfigMap' && ref.name === name)?.changes ?? []
    for (const { path } of keys) {
      const key = /^data\.'?([^']+)'?$/u.exec(path)?.[1] ?? ''
      const [won] = configuration.origins.get(`configMaps.${name}.${key.replaceAll('.', '\\.')}`) ?? []
      if (won !== undefined) return `${show(won)}  ${key}=${textOf(won.value)}   (ConfigMap ${name})`
    }
  }
  return undefined
}

/** The key of a secret that changed, by the place of its source. */
function secretLine(changes: ObjectPlan['changes'], { project, secretPlans }: Known): string | undefined {
  for (const name of consumed('secret', changes)) {
    const [key] = secretPlans.find((plan) => plan.name === name)?.changedKeys ?? []
    const spec = project.secrets.find((one) => one.name === name)
    const source = spec?.keys.find((one) => one.key === key)?.source
    const at = source?.at ?? spec?.at
    if (key === undefined || at === undefined) continue
    const from = source !== undefined && 'file' in source ? source.file : showLine(at)
    return `${from}  ${key} changed (value not shown)   (Secret ${name})`
  }
  return undefined
}

/** Pod templates carry an annotation per ConfigMap and Secret that they consume (docs/design.md, "Configuration and restarts"). */
function consumed(kind: 'configmap' | 'secret', changes: ObjectPlan['changes']): string[] {
  const pattern = new RegExp(`forge\\.api-forge\\.io/${kind}-([^']+)'$`, 'u')
  return changes.flatMap(({ path }) => pattern.exec(path)?.[1] ?? [])
}

function show({ origin }: Provenance): string {
  return origin.kind === 'file' ? showLine(origin.at) : origin.text
}
