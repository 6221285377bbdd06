import type {
  Expectation,
  Failure,
  Judge,
  JudgeOptions,
  ObjectEvent,
  Target,
  Verdict,
} from '../../src/domain/readiness/model.ts'
import { createJudge } from '../../src/domain/readiness/judge.ts'
import { createObjectCache, type IndexedObjectCache } from '../../src/domain/readiness/object-cache.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { APP, NAMESPACE, deployment, pod, replicaSet, set, waiting } from './readiness-objects.ts'

/** A deploy as the judge lives through it; `see` moves the clock (ms) and tells the world what happened. */
export class Deploy {
  readonly cache: IndexedObjectCache = createObjectCache()
  readonly judge: Judge
  at = 0

  constructor(targets: readonly Target[], options: Partial<JudgeOptions> = {}) {
    this.judge = createJudge({ cache: this.cache, namespace: NAMESPACE, options })
    this.judge.watch(targets)
  }

  see(events: readonly ObjectEvent[], at = this.at): this {
    this.at = at
    this.cache.apply(events, at)
    return this
  }

  /** Everything seen so far was there before helm ran. */
  begin(): this {
    this.judge.takeBaseline()
    return this
  }

  helmExits(expectations: readonly Expectation[] = []): this {
    this.judge.written(expectations)
    return this
  }

  verdict(target: Target, at = this.at): Verdict {
    this.at = at
    return this.judge.verdict(target, at)
  }

  /** One line, as tables like it: `failed E_X`, `ready 1/1`, `progressing 0/1 available`. */
  says(target: Target, at = this.at): string {
    const verdict = this.verdict(target, at)
    if (verdict.state === 'failed') return `failed ${verdict.code}`
    return `${verdict.state} ${verdict.state === 'ready' ? verdict.detail : verdict.reason}`
  }
}

/** Helm has installed what follows and exited. */
export function installed(
  targets: readonly Target[],
  events: readonly ObjectEvent[],
  options: Partial<JudgeOptions> = {},
): Deploy {
  return new Deploy(targets, options).begin().see(events).helmExits()
}

export const rollingOut = deployment({ status: { availableReplicas: 0, readyReplicas: 0 } })

export const withPod = (broken: KubeObject, ...more: KubeObject[]): Deploy =>
  installed([APP], set(rollingOut, replicaSet(), broken, ...more))

export const notReady = { ready: false, phase: 'Pending' }

export const starting = pod({ ...notReady, containers: [waiting('ContainerCreating')] })

export function failure(deploy: Deploy, at = deploy.at): Failure {
  const verdict = deploy.verdict(APP, at)
  if (verdict.state !== 'failed')
    throw new Error(`${verdict.state} ${verdict.state === 'ready' ? verdict.detail : verdict.reason}`)
  return verdict
}

export const CHAIN = ['Deployment/app', 'ReplicaSet/app-r1', 'Pod/app-r1-x']
