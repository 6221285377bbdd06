import { checkoutFolder } from '../adapters/files/confinement.ts'
import { thisMachine } from '../adapters/machine.ts'
import type { Machine } from '../machine-port.ts'
import type { Session } from './session.ts'
import { accessBy } from './wire.ts'

/** This machine, as it leads to the cluster that the environment names. */
export function wireMachine(session: Session): Machine {
  const checkout = session.untrusted === undefined ? undefined : checkoutFolder(session.dir, !session.dirGiven)
  return thisMachine((target) => {
    const isGiven = session.kubeconfig !== undefined || session.context !== undefined
    return target.sandbox && !isGiven ? undefined : { ...accessBy(target, session), checkout }
  })
}
