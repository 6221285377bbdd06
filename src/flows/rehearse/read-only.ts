import type { ClusterWriter } from '../../ports.ts'
import type { Charts } from '../../ports.ts'
import type { Connection } from '../phases/ports.ts'

type Refused<T> = { readonly [Name in keyof T]: () => Promise<never> }

/** Whatever a flow would do with it: what a rehearsal has of the environment cannot write. Dry runs stay (`predict`). */
export function onlyReading({ cluster, charts }: { readonly cluster: Connection; readonly charts: Charts }): {
  readonly cluster: Connection
  readonly charts: Charts
} {
  const writers: Refused<ClusterWriter> = {
    apply: refused('apply'),
    create: refused('create'),
    replace: refused('replace'),
    delete: refused('delete'),
    mark: refused('mark'),
    scale: refused('scale'),
    adjust: refused('adjust'),
  }
  const helm: Refused<Pick<Charts, 'upgrade' | 'rollback' | 'uninstall'>> = {
    upgrade: refused('helm upgrade'),
    rollback: refused('helm rollback'),
    uninstall: refused('helm uninstall'),
  }
  return { cluster: { ...cluster, ...writers }, charts: { ...charts, ...helm } }
}

function refused(name: string): () => Promise<never> {
  return () => Promise.reject(new Error(`a rehearsal would have written into its environment (${name})`))
}
