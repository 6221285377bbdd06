import type { Remark } from '../../src/domain/doctor/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

export function object(apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop' }, ...rest }
}

export function deployment(name: string, replicas?: number): KubeObject {
  const containers = [{ name: 'a', resources: { requests: { cpu: '1' } }, ports: [{ name: 'http' }] }]
  const template = { metadata: { labels: { app: name } }, spec: { containers } }
  return object('apps/v1', 'Deployment', name, { spec: { ...(replicas === undefined ? {} : { replicas }), template } })
}

export const said = (remarks: readonly Remark[]): string[] => remarks.map(({ kind, text }) => `${kind}: ${text}`)
