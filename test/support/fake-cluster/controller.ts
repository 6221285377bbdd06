import { nameOf, refOf, type KubeObject, type OwnerReference } from '../../../src/domain/kube.ts'
import type { ObjectStore } from './store.ts'

/** What becomes of a workload's pods: they run, they cannot start, they run and never become ready. */
export type Fate = 'ready' | 'broken' | 'stuck'

interface Workload extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    /** Of a Job. */
    readonly suspend?: boolean
    readonly template: { readonly metadata?: { labels?: Record<string, string> }; readonly spec: PodSpec }
  }
}

interface PodSpec {
  readonly containers: readonly { readonly name: string; readonly image: string }[]
}

/** Plays the controllers of Deployments and Jobs at once. An image with the tag `broken` or `stuck` says what becomes of it. */
export class Controller {
  readonly #store: ObjectStore
  readonly #fates = new Map<string, Fate>()

  constructor(store: ObjectStore) {
    this.#store = store
    store.listen(({ type, object }) => {
      const live = type === 'set' ? store.get(object) : undefined
      if (live !== undefined && isStale(live)) this.#play(live as Workload)
    })
  }

  /** `Deployment/base`: whatever its image says. */
  decide(workload: string, fate: Fate): void {
    this.#fates.set(workload, fate)
  }

  #play(workload: Workload): void {
    if (workload.kind === 'Job') this.#runJob(workload)
    else this.#rollOut(workload)
  }

  #rollOut(deployment: Workload): void {
    const { replicas = 1, template } = deployment.spec
    const sets = this.#store.ownedBy(deployment).filter(({ kind }) => kind === 'ReplicaSet')
    const revisions = sets.map((set) => [Number(set.metadata.annotations?.[REVISION]), set] as const)
    const newest = revisions.toSorted(([one], [other]) => other - one)[0]
    const name = `${deployment.metadata.name}-${fingerprint(template)}`
    const isNew = newest?.[1].metadata.name !== name
    const revision = (newest?.[0] ?? 0) + (isNew ? 1 : 0)
    const set = this.#store.put(replicaSet(name, deployment, revision, replicas))
    const fate = this.#fateOf(deployment)
    const old = sets.filter(({ metadata }) => metadata.name !== name).flatMap((one) => this.#store.ownedBy(one))
    for (let at = 0; at < replicas; at++) this.#store.put(podOf(set, deployment.spec.template.spec, at, fate))
    if (fate === 'ready') for (const pod of old) this.#store.remove(pod)
    const serving = fate === 'ready' ? replicas : old.length
    this.#store.put(
      withStatus(deployment, revision, { replicas, serving, all: fate === 'ready' ? replicas : replicas + old.length }),
    )
  }

  #runJob(job: Workload): void {
    const fate = this.#fateOf(job)
    const { generation: observedGeneration } = job.metadata
    if (job.spec.suspend === true) return void this.#store.put({ ...job, status: { observedGeneration } })
    const end = fate === 'ready' ? { succeeded: 1 } : { failed: 1 }
    const type = fate === 'ready' ? 'Complete' : 'Failed'
    const reason = fate === 'ready' ? 'CompletionsReached' : 'BackoffLimitExceeded'
    const conditions = fate === 'stuck' ? [] : [{ type, status: 'True', reason }]
    const counts = fate === 'stuck' ? { active: 1 } : end
    this.#store.put({ ...job, status: { observedGeneration, ...counts, conditions } })
  }

  #fateOf(workload: Workload): Fate {
    const [container] = workload.spec.template.spec.containers
    const tag = container?.image.split(':').at(-1)
    return this.#fates.get(nameOf(workload)) ?? (tag === 'broken' || tag === 'stuck' ? tag : 'ready')
  }
}

const REVISION = 'deployment.kubernetes.io/revision'

function isStale(object: KubeObject): boolean {
  const { observedGeneration } = (object['status'] ?? {}) as { observedGeneration?: number }
  return ['Deployment', 'Job'].includes(object.kind) && observedGeneration !== object.metadata.generation
}

function replicaSet(name: string, owner: Workload, revision: number, replicas: number): KubeObject {
  const { template } = owner.spec
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      ...placeOf(owner),
      labels: template.metadata?.labels ?? {},
      ownerReferences: [ownerOf(owner)],
      annotations: { [REVISION]: String(revision) },
    },
    spec: { replicas, template },
    status: { replicas },
  }
}

function podOf(set: KubeObject, spec: PodSpec, at: number, fate: Fate): KubeObject {
  const waiting = { waiting: { reason: 'InvalidImageName', message: 'the image has no valid name' } }
  const state = fate === 'broken' ? waiting : { running: { startedAt: '2026-11-03T12:00:00Z' } }
  const ready = fate === 'ready'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${set.metadata.name}-${at}`,
      ...placeOf(set),
      labels: set.metadata.labels ?? {},
      ownerReferences: [ownerOf(set)],
    },
    spec: { nodeName: 'node-1', ...spec },
    status: {
      phase: fate === 'broken' ? 'Pending' : 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: spec.containers.map(({ name }) => ({ name, ready, started: ready, restartCount: 0, state })),
    },
  }
}

function withStatus(
  deployment: Workload,
  revision: number,
  { replicas, serving, all }: { readonly replicas: number; readonly serving: number; readonly all: number },
): KubeObject {
  const { metadata } = deployment
  return {
    ...deployment,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [REVISION]: String(revision) } },
    status: {
      observedGeneration: metadata.generation,
      replicas: all,
      updatedReplicas: replicas,
      readyReplicas: serving,
      availableReplicas: serving,
    },
  }
}

function ownerOf(owner: KubeObject): OwnerReference {
  const { name, uid = '' } = owner.metadata
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true }
}

function placeOf(object: KubeObject): { readonly namespace?: string } {
  const { namespace } = refOf(object)
  return namespace === undefined ? {} : { namespace }
}

/** Short, and the same for the same template. */
function fingerprint(value: unknown): string {
  let hash = 5381
  for (const letter of JSON.stringify(value)) hash = (hash * 33 + (letter.codePointAt(0) ?? 0)) >>> 0
  return hash.toString(36)
}
