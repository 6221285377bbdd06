import type { Purpose, Rbac } from '../flows/rbac.ts'
import { rbacText } from '../screen/rbac.ts'
import type { Session } from './session.ts'

export function closeRbac(found: Rbac, { json, output }: Session, purpose: Purpose): Rbac {
  const { environment, objects } = found
  if (!json) process.stdout.write(`${output.shown(rbacText(objects, { environment, purpose }))}\n`)
  return found
}
