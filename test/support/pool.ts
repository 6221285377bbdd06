import { freshNamespace, kubectl } from './cluster.ts'
import type { Manifest } from './small.ts'

/** A node of a test's own, which takes only pods that tolerate it: nothing of another test lands there. */
export interface Pool {
  readonly name: string
  readonly nodeSelector: Readonly<Record<string, string>>
  readonly toleration: Readonly<Record<string, string>>
  remove(): Promise<void>
}

export async function ownPool(cpu = '4'): Promise<Pool> {
  const name = freshNamespace('pool')
  const room = { cpu, memory: '8Gi', pods: '20' }
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { pool: name, 'kubernetes.io/hostname': name } },
    spec: { taints: [{ key: 'dedicated', value: name, effect: 'NoSchedule' }] },
    status: { addresses: [{ type: 'InternalIP', address: '10.240.0.250' }], allocatable: room, capacity: room },
  }
  await kubectl(['create', '-f', '-'], JSON.stringify(node))
  await kubectl(['wait', '--for=condition=Ready', `node/${name}`, '--timeout=60s'])
  return {
    name,
    nodeSelector: { pool: name },
    toleration: { key: 'dedicated', operator: 'Equal', value: name, effect: 'NoSchedule' },
    remove: async () => {
      await kubectl(['delete', 'node', name, '--wait=false'])
    },
  }
}

type Parts = Manifest & {
  readonly spec: {
    readonly template: { readonly metadata: object; readonly spec: { readonly containers: readonly object[] } }
  }
}

/** The same workload, with more in its pods' spec, and in their only container. */
export function withPod(manifest: Manifest, pod: object, container: object = {}): Manifest {
  const copy = structuredClone(manifest) as Parts
  Object.assign(copy.spec.template.spec, pod)
  Object.assign(copy.spec.template.spec.containers[0] ?? {}, container)
  return copy
}
