import { freshNamespace, kubectl } from './cluster.ts'
import type { PodTemplate } from './chart.ts'

/** A namespace that refuses every pod below the level `restricted`. */
export interface StrictNamespace {
  readonly name: string
  /** What the API server says of these objects, every field of them checked; throws where it refuses one. */
  dryRun(objects: readonly unknown[]): Promise<string[]>
  remove(): Promise<void>
}

const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' }

export async function strictNamespace(prefix: string): Promise<StrictNamespace> {
  const name = freshNamespace(prefix)
  const made = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: RESTRICTED } }
  await kubectl(['create', '-f', '-'], JSON.stringify(made))
  await kubectl(['-n', name, 'wait', 'serviceaccount/default', '--for=create', '--timeout=30s'])
  return {
    name,
    async dryRun(objects) {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      const said = await kubectl(['-n', name, 'create', '--dry-run=server', '--validate=strict', '-f', '-'], list)
      return said.split('\n')
    },
    async remove() {
      await kubectl(['delete', 'namespace', name, '--wait=false'])
    },
  }
}

/** The pod of a template, by itself. */
export const asPod = ({ of, metadata, spec }: PodTemplate, index: number, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...metadata, name: `${of.split('/')[1] ?? ''}-${index}`, namespace },
  // A Deployment's template leaves it out, a Job's says it.
  // A dry run makes no service account for it.
  spec: {
    ...spec,
    serviceAccountName: 'default',
    ...('restartPolicy' in spec ? { restartPolicy: spec['restartPolicy'] } : {}),
  },
})
