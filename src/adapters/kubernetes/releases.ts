import { recordName } from '../../domain/helm/record.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { ReleaseRecord, ReleaseStore } from '../../ports.ts'
import { readRecord, type RecordContent } from '../helm/record-content.ts'
import { Client } from './discovery.ts'
import { listAll, Reader } from './objects.ts'

/** Helm's own records: Secrets of this type with these labels (https://helm.sh/docs/topics/advanced/#storage-backends). */
export class Releases extends Client implements ReleaseStore {
  async history(name: string, namespace: string, signal: AbortSignal): Promise<readonly ReleaseRecord[]> {
    const options = { namespace, labelSelector: `owner=helm,name=${name}`, fieldSelector: 'type=helm.sh/release.v1' }
    const { objects } = await listAll(
      this.transport,
      this.discovery,
      { apiVersion: 'v1', kind: 'Secret' },
      options,
      signal,
    )
    return objects.map(storedRelease).sort((one, other) => other.revision - one.revision)
  }

  async revision(
    { name, namespace }: { readonly name: string; readonly namespace: string },
    revision: number,
    signal: AbortSignal,
  ): Promise<ReleaseRecord | undefined> {
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name: recordName(name, revision) }
    const secret = await new Reader(this.transport, this.discovery).get(ref, signal)
    return secret === undefined ? undefined : storedRelease(secret)
  }
}

export function storedRelease(secret: KubeObject): ReleaseRecord {
  return new StoredRelease(secret)
}

/**
 * Name, revision, status and size come from the Secret itself; the rest (base64 of gzip of JSON, up to 1 MiB packed) is
 * unpacked when it is first asked for. A history of ten revisions of which one is read costs one.
 */
class StoredRelease implements ReleaseRecord {
  readonly name: string
  readonly revision: number
  readonly status: string
  readonly bytes: number
  readonly secret: KubeObject
  private packed: string | undefined
  private unpacked: RecordContent | undefined

  constructor(secret: KubeObject) {
    const labels = secret.metadata.labels ?? {}
    const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>
    this.packed = data['release'] ?? ''
    const { name, namespace, annotations = {}, creationTimestamp } = secret.metadata
    const metadata = {
      ...{ name, labels, annotations },
      ...(namespace === undefined ? {} : { namespace }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    }
    this.secret = { apiVersion: 'v1', kind: 'Secret', metadata }
    this.name = labels['name'] ?? ''
    this.revision = Number(labels['version'] ?? 0)
    this.status = labels['status'] ?? 'unknown'
    this.bytes = Buffer.byteLength(this.packed, 'base64')
  }

  get description(): string {
    return this.content.info?.description ?? ''
  }

  get installedAt(): string | undefined {
    return this.content.info?.first_deployed
  }

  get chart(): ReleaseRecord['chart'] {
    const { name = '', version = '', appVersion } = this.content.chart?.metadata ?? {}
    return { name, version, ...(appVersion === undefined ? {} : { appVersion }) }
  }

  get keptChart(): unknown {
    return this.content.chart
  }

  get manifest(): string {
    return this.content.manifest ?? ''
  }

  get hooks(): ReleaseRecord['hooks'] {
    return (this.content.hooks ?? []).map(({ name = '', kind = '', manifest = '', events = [] }) => ({
      name,
      kind,
      manifest,
      events,
    }))
  }

  get config(): Readonly<Record<string, unknown>> {
    return this.content.config ?? {}
  }

  /** helm 4 records how it applied (`ssa`, `csa`); helm 3 knew only the three-way patch and records nothing. */
  get applyMethod(): 'apply' | 'patch' {
    return this.content.apply_method === 'ssa' ? 'apply' : 'patch'
  }

  get fault(): string | undefined {
    return this.content.fault
  }

  private get content(): RecordContent {
    this.unpacked ??= readRecord(this.packed ?? '')
    this.packed = undefined
    return this.unpacked
  }
}
