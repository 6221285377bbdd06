import type { KubeObject } from '../kube.ts'
import { conditionOf, type Condition } from '../readiness/conditions.ts'
import { count, flag, list, map, remembered, text } from '../readiness/shape.ts'
import { statusOf } from '../readiness/shapes.ts'

/** The parts of Flux's and Argo CD's objects that tell what they have applied. */

export interface Named {
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
}

const named = map<Named>({ kind: text, name: text, namespace: text })
const chart = map<{ readonly sourceRef?: Named; readonly reconcileStrategy?: string }>({
  sourceRef: named,
  reconcileStrategy: text,
})
const strategy = map<{ readonly name?: string }>({ name: text })
const way = map<{ readonly strategy?: { readonly name?: string } }>({ strategy })

export interface FluxSpec {
  readonly suspend?: boolean
  readonly interval?: string
  readonly url?: string
  readonly sourceRef?: Named
  readonly chartRef?: Named
  readonly chart?: { readonly spec?: { readonly sourceRef?: Named; readonly reconcileStrategy?: string } }
  readonly dependsOn?: readonly Named[]
  readonly upgrade?: { readonly strategy?: { readonly name?: string } }
  readonly install?: { readonly strategy?: { readonly name?: string } }
  readonly releaseName?: string
  readonly targetNamespace?: string
}

const ofChart = map<NonNullable<FluxSpec['chart']>>({ spec: chart })

export const fluxSpec = remembered(
  map<FluxSpec>({
    ...{ suspend: flag, interval: text, url: text, sourceRef: named, chartRef: named, dependsOn: list(named) },
    // A HelmChart names its chart here as a text.
    chart: (value) => (typeof value === 'string' ? undefined : ofChart(value)),
    ...{ upgrade: way, install: way, releaseName: text, targetNamespace: text },
  }),
  {},
)

export interface FluxStatus {
  readonly observedGeneration?: number
  readonly artifact?: { readonly revision?: string; readonly lastUpdateTime?: string }
  readonly lastAppliedRevision?: string
  readonly lastAttemptedRevision?: string
  readonly lastAttemptedRevisionDigest?: string
  readonly lastAttemptedGeneration?: number
  readonly helmChart?: string
  readonly observedSourceArtifactRevision?: string
  readonly inventory?: { readonly entries?: readonly { readonly id?: string; readonly v?: string }[] }
}

export const fluxStatus = remembered(
  map<FluxStatus>({
    observedGeneration: count,
    artifact: map<NonNullable<FluxStatus['artifact']>>({ revision: text, lastUpdateTime: text }),
    lastAppliedRevision: text,
    lastAttemptedRevision: text,
    lastAttemptedRevisionDigest: text,
    lastAttemptedGeneration: count,
    helmChart: text,
    observedSourceArtifactRevision: text,
    inventory: map<NonNullable<FluxStatus['inventory']>>({ entries: list(map({ id: text, v: text })) }),
  }),
  {},
)

/** Of a source too: whether what its controller says is about the spec as it is. */
export function speaksOfSpec(object: KubeObject): boolean {
  return (fluxStatus(object['status']).observedGeneration ?? 0) >= (object.metadata.generation ?? 0)
}

/** A condition, unless it speaks of an older spec. */
export function freshCondition(object: KubeObject, type: string): Condition | undefined {
  const found = conditionOf(statusOf(object).conditions, type)
  const { generation = 0 } = object.metadata
  return found === undefined || (found.observedGeneration ?? generation) < generation ? undefined : found
}

export function isFreshly(object: KubeObject, type: string, status: 'True' | 'False' = 'True'): boolean {
  return freshCondition(object, type)?.status === status
}

interface SyncedTo {
  readonly revision?: string
  readonly revisions?: readonly string[]
}

interface AppSource {
  readonly repoURL?: string
  readonly chart?: string
}

export interface ApplicationSpec {
  readonly source?: AppSource
  readonly sources?: readonly AppSource[]
  readonly destination?: { readonly namespace?: string }
  readonly syncPolicy?: { readonly automated?: { readonly enabled?: boolean } }
}

const appSource = map<AppSource>({ repoURL: text, chart: text })

export const applicationSpec = remembered(
  map<ApplicationSpec>({
    source: appSource,
    sources: list(appSource),
    destination: map<NonNullable<ApplicationSpec['destination']>>({ namespace: text }),
    syncPolicy: map<NonNullable<ApplicationSpec['syncPolicy']>>({
      automated: map<{ readonly enabled?: boolean }>({ enabled: flag }),
    }),
  }),
  {},
)

export interface ApplicationStatus {
  readonly sync?: SyncedTo & { readonly status?: string }
  readonly operationState?: {
    readonly phase?: string
    readonly message?: string
    readonly syncResult?: SyncedTo
    readonly operation?: { readonly sync?: SyncedTo }
  }
  readonly conditions?: readonly { readonly type?: string; readonly message?: string }[]
  readonly resources?: readonly {
    readonly group?: string
    readonly version?: string
    readonly kind?: string
    readonly namespace?: string
    readonly name?: string
  }[]
}

const to = { revision: text, revisions: list(text) }
const synced = map<SyncedTo>(to)

export const applicationStatus = remembered(
  map<ApplicationStatus>({
    sync: map<NonNullable<ApplicationStatus['sync']>>({ ...to, status: text }),
    operationState: map<NonNullable<ApplicationStatus['operationState']>>({
      phase: text,
      message: text,
      syncResult: synced,
      operation: map<{ readonly sync?: SyncedTo }>({ sync: synced }),
    }),
    conditions: list(map({ type: text, message: text })),
    resources: list(map({ group: text, version: text, kind: text, namespace: text, name: text })),
  }),
  {},
)
