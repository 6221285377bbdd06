import { gunzipSync, gzipSync } from 'node:zlib'
import type { KubeObject } from '../../../src/domain/kube.ts'
import type { ObjectStore } from './store.ts'

/** What helm writes down of a revision, as far as forge reads it. */
export interface Written {
  readonly name: string
  readonly namespace: string
  readonly version: number
  readonly info: { readonly status: string; readonly description: string; readonly first_deployed: string }
  readonly chart: { readonly metadata: { readonly name: string; readonly version: string } }
  readonly config: Readonly<Record<string, unknown>>
  readonly manifest: string
  readonly hooks: readonly never[]
  readonly apply_method: 'ssa' | ''
}

export function recordOf(content: Written): KubeObject {
  const { name, namespace, version, info } = content
  const packed = gzipSync(JSON.stringify(content)).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `sh.helm.release.v1.${name}.v${version}`,
      namespace,
      labels: { owner: 'helm', name, version: String(version), status: info.status },
    },
    type: 'helm.sh/release.v1',
    data: { release: btoa(packed) },
  }
}

export function readRecord(record: KubeObject): Written {
  const { release = '' } = record['data'] as { readonly release?: string }
  return JSON.parse(gunzipSync(Buffer.from(atob(release), 'base64')).toString('utf8')) as Written
}

/** Newest first. */
export function helmRecords(store: ObjectStore, release: string, home: string): readonly KubeObject[] {
  const isOne = ({ metadata: { namespace, labels = {} } }: KubeObject): boolean =>
    labels['owner'] === 'helm' && labels['name'] === release && namespace === home
  const revisionOf = ({ metadata }: KubeObject): number => Number(metadata.labels?.['version'])
  return store
    .all()
    .filter(isOne)
    .toSorted((one, other) => revisionOf(other) - revisionOf(one))
}
