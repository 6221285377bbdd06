import type { KubeObject } from '../../src/domain/kube.ts'

export function object(
  kind: string,
  name: string,
  owner: string | undefined,
  fields: Record<string, unknown> = {},
): KubeObject {
  const owned =
    owner === undefined ? {} : { ownerReferences: [{ apiVersion: 'x', kind: 'y', name: owner, uid: `uid-${owner}` }] }
  const apiVersion = kind === 'Deployment' || kind === 'ReplicaSet' ? 'apps/v1' : 'v1'
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: 'prod', uid: `uid-${name}`, managedFields: [{ manager: 'helm' }], ...owned },
    ...fields,
  }
}

export function pod(
  name: string,
  owner: string,
  containers: Record<string, { restarts?: number; state?: object; last?: object }>,
  ready = false,
): KubeObject {
  const statuses = Object.entries(containers).map(([container, { restarts = 0, state = { running: {} }, last }]) => {
    return {
      name: container,
      ready,
      restartCount: restarts,
      state,
      lastState: last === undefined ? {} : { terminated: last },
    }
  })
  return object('Pod', name, owner, {
    spec: {
      containers: Object.keys(containers).map((container) => ({
        name: container,
        env: [{ name: 'PASSWORD', value: 'hunter2' }],
      })),
      volumes: [{ persistentVolumeClaim: { claimName: 'data' } }],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: statuses,
    },
  })
}
