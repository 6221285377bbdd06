import { nameOf } from '../../domain/kube.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { ForgeError } from '../../errors.ts'

/** The API server would refuse the object in the middle of the upgrade; better said before anything is written. */
export function refusedObject(
  code: 'E_OBJECT_IMMUTABLE' | 'E_OBJECT_INVALID',
  plan: ObjectPlan,
  message: string,
): ForgeError {
  const name = nameOf(plan.ref)
  return new ForgeError(code, `${name}: ${message}`, {
    hint: `kubectl get ${plan.ref.kind.toLowerCase()} ${plan.ref.name} -o yaml`,
    where: plan.template === '' ? name : plan.template,
  })
}
