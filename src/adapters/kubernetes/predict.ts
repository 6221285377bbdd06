import { refOf, type KubeObject } from '../../domain/kube.ts'
import { conflictsOf, invalidityOf } from '../../domain/prediction/refusal.ts'
import { threeWayPatch } from '../../domain/prediction/three-way.ts'
import { ForgeError } from '../../errors.ts'
import type { ClusterPredictor, Prediction } from '../../ports.ts'
import type { Discovery } from './discovery.ts'
import type { ApiStatus } from './failures.ts'
import { subjectOf } from './objects.ts'
import type { Answer, Call, Transport } from './transport.ts'

type Way = Parameters<ClusterPredictor['predict']>[1]

/** Statuses that say something about the object; 5xx too, because a webhook that fails a dry run answers with 500. */
const TELLING = [400, 403, 404, 405, 409, 415, 422, 500]

/** Dry runs that do what helm would do, with the manager that helm is (design.md, facts). */
export class Predictor implements ClusterPredictor {
  private readonly transport: Transport
  private readonly discovery: Discovery

  constructor(transport: Transport, discovery: Discovery) {
    this.transport = transport
    this.discovery = discovery
  }

  async predict(desired: KubeObject, way: Way, signal: AbortSignal): Promise<Prediction> {
    try {
      const answer = await this.dryRun(desired, way, signal)
      if (answer.ok) return { kind: 'predicted', object: answer.value }
      const conflicts = answer.status.code === 409 ? conflictsOf(answer.status.causes) : []
      if (conflicts.length === 0 || way.mode !== 'apply') return refused(answer.status)
      const forced = await this.dryRun(desired, { mode: 'apply', force: true }, signal)
      return { kind: 'conflict', conflicts, object: forced.ok ? forced.value : undefined }
    } catch (error) {
      if (error instanceof ForgeError && error.code === 'E_KIND_UNKNOWN')
        return { kind: 'not-checked', why: error.message }
      throw error
    }
  }

  private async dryRun(desired: KubeObject, way: Way, signal: AbortSignal): Promise<Answer<KubeObject>> {
    const ref = refOf(desired)
    const call = {
      method: 'PATCH',
      path: await this.discovery.pathOf(ref, signal),
      subject: await subjectOf(this.discovery, 'patch', ref, signal),
      repeatable: true,
      signal,
    } as const satisfies Call
    const query = { dryRun: 'All', fieldManager: 'helm', fieldValidation: 'Strict' }
    if (way.mode === 'apply') {
      const apply = {
        ...call,
        query: { ...query, force: way.force },
        contentType: 'application/apply-patch+yaml',
        body: desired,
      }
      return await this.transport.json<KubeObject>(apply, TELLING)
    }
    const { contentType, body } = threeWayPatch(desired, way.previous, way.live)
    return await this.transport.json<KubeObject>(
      { ...call, query: { ...query, fieldValidation: 'Warn' }, contentType, body },
      TELLING,
    )
  }
}

function refused({ code, message, causes }: ApiStatus): Prediction {
  // A webhook with side effects may refuse dry runs as such.
  if (/does not support dry ?run/iu.test(message)) return { kind: 'not-checked', why: message }
  if (code === 422 || code === 400) return invalidityOf(message, causes)
  if (code === 403 && /\bcannot\b/u.test(message)) return { kind: 'not-checked', why: 'the user may not patch it' }
  // Quota, policies and webhooks answer a dry run as they would the real thing.
  if (code === 403) return { kind: 'invalid', message, fields: [] }
  if (code === 404)
    return { kind: 'not-checked', why: /namespaces? "/u.test(message) ? 'the namespace does not exist yet' : message }
  return { kind: 'not-checked', why: message === '' ? `the API server answered ${code}` : message }
}
