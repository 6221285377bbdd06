import type { ClusterTarget, Environment } from '../../domain/config/model.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { environmentOf } from '../../domain/journal/project.ts'
import type { Journal } from '../state/journal.ts'
import type { OpenScope, ScopeCluster } from '../state/scope.ts'

/** A cluster that is connected to, as forge.yaml would name it. */
export function targetNamed({ context }: Pick<ScopeCluster, 'context'>): ClusterTarget {
  return context.startsWith('forge-sandbox-') ? { sandbox: true } : { sandbox: false, context }
}

/** forge.yaml knows the environment best; what it says of drift is for deploys: here what an entry says is what is wanted. */
export function environmentIn(
  {
    checkout,
    connected,
    journal,
  }: Pick<OpenScope<{ readonly cluster: Pick<ScopeCluster, 'context'> }>, 'checkout' | 'connected'> & {
    readonly journal: Pick<Journal, 'live'>
  },
  entry: JournalEntry,
): Environment {
  const known = environmentOf(entry, targetNamed(connected.cluster), journal.live)
  return checkout === undefined ? known : { ...checkout.environment, drift: known.drift }
}
