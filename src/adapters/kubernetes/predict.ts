import { refOf, type KubeObject } from '../../domain/kube.ts'
import { droppedFields, readRefusal } from '../../domain/prediction/answer.ts'
import { conflictsOf } from '../../domain/prediction/refusal.ts'
import { threeWayPatch } from '../../domain/prediction/three-way.ts'
import { ForgeError } from '../../errors.ts'
import type { ClusterPredictor, Prediction } from '../../ports.ts'
import { Client } from './discovery.ts'
import { subjectOf } from './objects.ts'
import type { Answer, Call } from './transport.ts'

type Way = Parameters<ClusterPredictor['predict']>[1]

/** Statuses that say something about the object; 5xx too, because a webhook that fails a dry run answers with 500. */
const TELLING = [400, 403, 404, 405, 409, 415, 422, 500]

/** Dry runs that do what helm would do, with the manager that helm is (docs/design.md, facts). */
export class Predictor extends Client implements ClusterPredictor {
  async predict(desired: KubeObject, way: Way, signal: AbortSignal): Promise<Prediction> {
    try {
      const answer = await this.dryRun(desired, way, 'Strict', signal)
      if (answer.ok) return { kind: 'predicted', object: answer.value, ...told(answer) }
      const { status } = answer
      // helm 3 does not ask for strict reading: the API server drops what it does not know, and warns.
      if (way.mode !== 'apply' && /strict decoding error/u.test(status.message)) {
        const lenient = await this.dryRun(desired, way, 'Warn', signal)
        if (!lenient.ok) return readRefusal(lenient.status)
        const dropped = droppedFields(status.message)
        return { kind: 'predicted', object: lenient.value, ...(dropped === undefined ? {} : { dropped }) }
      }
      const conflicts = status.code === 409 ? conflictsOf(status.causes) : []
      if (conflicts.length === 0 || way.mode !== 'apply') return readRefusal(status)
      const forced = await this.dryRun(desired, { mode: 'apply', force: true }, 'Strict', signal)
      return { kind: 'conflict', conflicts, object: forced.ok ? forced.value : undefined }
    } catch (error) {
      if (error instanceof ForgeError && error.code === 'E_KIND_UNKNOWN')
        return { kind: 'not-checked', why: error.message }
      throw error
    }
  }

  private async dryRun(
    desired: KubeObject,
    way: Way,
    fieldValidation: 'Strict' | 'Warn',
    signal: AbortSignal,
  ): Promise<Answer<KubeObject>> {
    const query = { dryRun: 'All', fieldManager: 'helm', fieldValidation }
    return await this.transport.json<KubeObject>(
      {
        ...(await this.callOf(desired, way, signal)),
        query: { ...query, ...(way.mode === 'apply' ? { force: way.force } : {}) },
      },
      TELLING,
    )
  }

  private async callOf(desired: KubeObject, way: Way, signal: AbortSignal): Promise<Call> {
    const ref = refOf(desired)
    const verb = way.mode === 'create' ? 'create' : 'patch'
    const subject = await subjectOf(this.discovery, verb, ref, signal)
    const call = { subject, repeatable: true, signal }
    if (way.mode === 'create')
      return {
        ...call,
        method: 'POST',
        path: await this.discovery.collectionOf(ref, ref.namespace, signal),
        body: desired,
      }
    const path = await this.discovery.pathOf(ref, signal)
    const patch =
      way.mode === 'apply'
        ? { contentType: 'application/apply-patch+yaml', body: desired }
        : threeWayPatch(desired, way.previous, way.live)
    return { ...call, method: 'PATCH', path, ...patch }
  }
}

function told({ warnings }: { readonly warnings?: readonly string[] }): { readonly warnings?: readonly string[] } {
  return warnings === undefined ? {} : { warnings }
}
