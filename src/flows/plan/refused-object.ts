import { keyOf, nameOf, resourceName, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { touched } from '../../domain/plan/objects.ts'
import type { SilentWebhook } from '../../domain/prediction/answer.ts'
import { broughtBy, denyingPolicy, type Brought, type PolicyParameters } from '../../domain/prediction/brought.ts'
import { writtenAt } from '../../domain/plain/place.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl, type Hint } from '../../hint.ts'
import type { Assessed } from '../phases/planned.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** The API server would refuse the object in the middle of the upgrade; better said before anything is written. */
export function refusedObject(
  code: 'E_OBJECT_IMMUTABLE' | 'E_OBJECT_INVALID' | 'E_WEBHOOK_DOWN',
  plan: ObjectPlan,
  message: string,
  { releases }: Pick<Assessed, 'releases'>,
): ForgeError {
  const name = nameOf(plan.ref)
  const hint = hintFor(code, plan)
  const own = releases.find(({ release }) => release.name === plan.release)?.release
  const written = own === undefined ? undefined : writtenAt(own, plan.template)
  const where = written ?? (plan.template === '' ? name : plan.template)
  return new ForgeError(code, `${name}: ${message}`, { hint, where })
}

function hintFor(code: string, { action, ref }: ObjectPlan): Hint {
  if (code === 'E_WEBHOOK_DOWN')
    return kubectl(['get', 'validatingwebhookconfigurations,mutatingwebhookconfigurations'])
  return action === 'create'
    ? forge('render')
    : kubectl(['get', resourceName(ref), ref.name, '-o', 'yaml'], ref.namespace)
}

type Refusal = { readonly kind: 'invalid'; readonly message: string } | SilentWebhook

/**
 * Throws where the API server will refuse the object when helm writes it, too. Where its answer rests on something that this
 * deploy brings (a quota that is raised, a definition that is widened), nobody knows yet: not checked.
 */
export async function refusedOr(
  plan: ObjectPlan,
  refusal: Refusal,
  context: Assessed,
  signal: AbortSignal,
): Promise<ObjectPlan> {
  const brought = broughtOf(context)
  const parameters = brought.length === 0 ? [] : await parametersOf(refusal.message, context, signal)
  if (parameters === undefined) return { ...plan, notChecked: `${refusal.message} (the policy may not be read)` }
  const service = refusal.kind === 'webhook-silent' ? refusal.service : undefined
  const changed = broughtBy({ ref: plan.ref, message: refusal.message, service, parameters }, brought)
  if (changed === undefined)
    throw refusedObject(
      refusal.kind === 'invalid' ? 'E_OBJECT_INVALID' : 'E_WEBHOOK_DOWN',
      plan,
      refusal.message,
      context,
    )
  return { ...plan, notChecked: `${nameOf(changed)}, which this deploy changes, decides: ${refusal.message}` }
}

function broughtOf({ releases }: Assessed): Brought[] {
  const rendered = new Map(
    releases.flatMap((work) => work.rendered.map(({ object }) => [keyOf(object), object] as const)),
  )
  return releases
    .flatMap(({ plans }) => touched(plans))
    .filter(({ action }) => action !== 'delete')
    .map(({ ref }) => ({ ref, object: rendered.get(keyOf(ref)) }))
}

interface PolicyObjects {
  readonly paramKind?: { readonly apiVersion: string; readonly kind: string }
  readonly paramRef?: { readonly name?: string }
}

const POLICIES = 'admissionregistration.k8s.io/v1'

/** What the policy that refuses goes by. Undefined: it may not be read. */
async function parametersOf(
  message: string,
  { cluster }: Assessed,
  signal: AbortSignal,
): Promise<readonly PolicyParameters[] | undefined> {
  const denied = denyingPolicy(message)
  if (denied === undefined) return []
  const read = async (kind: string, name: string): Promise<PolicyObjects | undefined> => {
    const ref: ObjectRef = { apiVersion: POLICIES, kind, name }
    const found: KubeObject | 'gone' | undefined = await unlessForbidden(
      cluster.get(ref, signal).then((object) => object ?? ('gone' as const)),
    )
    return found === 'gone' ? {} : (found?.['spec'] as PolicyObjects | undefined)
  }
  const [policy, binding] = await Promise.all([
    read('ValidatingAdmissionPolicy', denied.policy),
    read('ValidatingAdmissionPolicyBinding', denied.binding),
  ])
  if (policy === undefined || binding === undefined) return undefined
  return policy.paramKind === undefined ? [] : [{ ...policy.paramKind, name: binding.paramRef?.name }]
}
