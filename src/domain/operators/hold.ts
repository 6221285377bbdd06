import { isMap } from '../config/path.ts'
import { parseJson } from '../json.ts'
import { groupOf, type KubeObject } from '../kube.ts'

/** Somebody keeps an operator from acting on a resource, or its pods away: time alone changes nothing. */
export interface Hold {
  /** `suspended (spec.suspend)`, after its name and "is". */
  readonly reason: string
  /** Where it is said, as paths of objects are written. */
  readonly path: string
  /** What kubectl is told to end it. */
  readonly release: readonly string[]
}

interface Switch {
  /** API groups, or `group/Kind`; one that begins with a dot stands for all that end so. */
  readonly on: readonly string[]
  readonly of: 'spec' | 'annotation' | 'label'
  readonly key: string
  readonly isOn: (value: unknown) => boolean
  readonly reason: (value: unknown) => string
  /** Instead of taking it away. */
  readonly off?: string
}

const yes = (value: unknown): boolean => value === true || value === 'true'

/** https://cloudnative-pg.io/documentation/current/declarative_hibernation/ and /labels_annotations/ */
export const HIBERNATION = 'cnpg.io/hibernation'
export const RECONCILIATION = 'cnpg.io/reconciliationLoop'
/** https://cloudnative-pg.io/documentation/current/fencing/: a list of names as JSON; `*` is all. */
export const FENCED = 'cnpg.io/fencedInstances'

const CLUSTER = ['postgresql.cnpg.io/Cluster']

/** The first that is on is told. Each is documented by its operator. */
const SWITCHES: readonly Switch[] = [
  {
    on: CLUSTER,
    of: 'annotation',
    key: RECONCILIATION,
    isOn: (value) => value === 'disabled',
    reason: () => `left alone by its operator (${RECONCILIATION}: disabled)`,
  },
  {
    on: CLUSTER,
    of: 'annotation',
    key: HIBERNATION,
    isOn: (value) => value === 'on',
    reason: () => `hibernated (${HIBERNATION})`,
    off: 'off',
  },
  {
    on: CLUSTER,
    of: 'annotation',
    key: FENCED,
    isOn: (value) => fencedIn(value).length > 0,
    reason: (value) => `fenced${whatFenced(fencedIn(value))} (${FENCED})`,
  },
  // Every kind of Flux that is reconciled has it.
  { on: ['.toolkit.fluxcd.io'], ...spec('suspend', 'suspended') },
  { on: ['monitoring.coreos.com', 'argoproj.io/Rollout'], ...spec('paused', 'paused') },
  { on: ['postgres-operator.crunchydata.com'], ...spec('paused', 'paused') },
  { on: ['postgres-operator.crunchydata.com'], ...spec('shutdown', 'shut down') },
  { on: ['.strimzi.io'], ...mark('annotation', 'strimzi.io/pause-reconciliation') },
  { on: ['keda.sh'], ...mark('annotation', 'autoscaling.keda.sh/paused') },
  { on: ['rabbitmq.com'], ...mark('label', 'rabbitmq.com/pauseReconciliation') },
]

function spec(key: string, word: string): Omit<Switch, 'on'> {
  return { of: 'spec', key, isOn: (value) => value === true, reason: () => `${word} (spec.${key})` }
}

function mark(of: 'annotation' | 'label', key: string): Omit<Switch, 'on'> {
  return { of, key, isOn: yes, reason: () => `paused (${key})` }
}

/** Undefined: nobody holds it, as far as forge knows its kind. */
export function holdOn(object: KubeObject): Hold | undefined {
  const group = groupOf(object.apiVersion)
  const found = SWITCHES.find(({ on, isOn, ...one }) => isOf(on, group, object.kind) && isOn(valueOf(one, object)))
  if (found === undefined) return undefined
  const path = found.of === 'spec' ? `spec.${found.key}` : `metadata.${found.of}s.'${found.key}'`
  return { reason: found.reason(valueOf(found, object)), path, release: releaseOf(found, object, group) }
}

/** Whether its operator has put a CloudNativePG Cluster to sleep, as its annotation asks. Its `instances` stay what they are. */
export function hibernationOf({ metadata, status }: KubeObject): 'off' | 'asked' | 'asleep' {
  if (metadata.annotations?.[HIBERNATION] !== 'on') return 'off'
  const { conditions } = isMap(status) ? status : {}
  const all: readonly unknown[] = Array.isArray(conditions) ? conditions : []
  return all.some((one) => isMap(one) && one['type'] === HIBERNATION && one['status'] === 'True') ? 'asleep' : 'asked'
}

function isOf(on: readonly string[], group: string, kind: string): boolean {
  return on.some((one) => one === group || one === `${group}/${kind}` || (one.startsWith('.') && group.endsWith(one)))
}

function valueOf({ of, key }: Pick<Switch, 'of' | 'key'>, { metadata, spec: desired }: KubeObject): unknown {
  if (of === 'annotation') return metadata.annotations?.[key]
  if (of === 'label') return metadata.labels?.[key]
  return isMap(desired) ? desired[key] : undefined
}

function releaseOf({ of, key, off }: Switch, { kind, metadata: { name } }: KubeObject, group: string): string[] {
  const resource = `${kind.toLowerCase()}.${group}`
  if (of === 'spec')
    return ['patch', resource, name, '--type=merge', '--patch', JSON.stringify({ spec: { [key]: false } })]
  const value = off === undefined ? [`${key}-`] : [`${key}=${off}`, '--overwrite']
  return [of === 'label' ? 'label' : 'annotate', resource, name, ...value]
}

function fencedIn(value: unknown): readonly string[] {
  const names = typeof value === 'string' ? parseJson(value) : undefined
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
}

function whatFenced(names: readonly string[]): string {
  return names.includes('*') ? '' : `: ${names.join(', ')}`
}
