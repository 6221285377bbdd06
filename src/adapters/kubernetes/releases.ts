import { gunzipSync } from 'node:zlib'
import { isMap, type PlainMap } from '../../domain/config/path.ts'
import { recordName } from '../../domain/helm/record.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { ReleaseRecord, ReleaseStore } from '../../ports.ts'
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

interface Decoded {
  readonly info?: { readonly status?: string; readonly description?: string; readonly first_deployed?: string }
  readonly chart?: {
    readonly metadata?: { readonly name?: string; readonly version?: string; readonly appVersion?: string }
  }
  readonly config?: Readonly<Record<string, unknown>>
  readonly manifest?: string
  readonly hooks?: readonly {
    readonly name?: string
    readonly kind?: string
    readonly manifest?: string
    readonly events?: readonly string[]
  }[]
  readonly apply_method?: string
  readonly fault?: string
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
  private unpacked: Decoded | undefined

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

  private get content(): Decoded {
    this.unpacked ??= decoded(this.packed ?? '')
    this.packed = undefined
    return this.unpacked
  }
}

/** What a record may unpack to: packed it has 1 MiB at most, and somebody else may have written it. */
const MOST = 64 * 1024 * 1024
const TOO_LARGE = 'it unpacks to more than 64 MiB'

/** What somebody has stored is no record. */
class Garbled extends Error {}

function decoded(packed: string): Decoded {
  try {
    return unpack(packed)
  } catch (error) {
    if (!(error instanceof Garbled)) throw error
    return { fault: error.message }
  }
}

/** A Secret's value is base64, and helm stores base64 in it; very old records are not compressed. */
function unpack(value: string): Decoded {
  const inner = Buffer.from(Buffer.from(value, 'base64').toString('latin1'), 'base64')
  const isGzip = inner[0] === 0x1f && inner[1] === 0x8b
  const content = parsed((isGzip ? unzipped(inner) : inner).toString('utf8'))
  if (!isRecord(content)) throw new Garbled('it is not the record of a release')
  return content
}

/** What forge reads of it is of the kind that helm writes, or not there: helm leaves out what is empty. */
function isRecord(content: unknown): content is Decoded {
  if (!isMap(content)) return false
  const { info = {}, chart = {}, hooks = [], config = {}, manifest = '', apply_method: method = '' } = nullsOut(content)
  const metadata = isMap(chart) ? (chart['metadata'] ?? {}) : undefined
  const texts = [manifest, method, ...valuesOf(info, ['description', 'first_deployed'])]
  return (
    isMap(config) &&
    [...texts, ...valuesOf(metadata, ['name', 'version', 'appVersion'])].every((one) => typeof one === 'string') &&
    Array.isArray(hooks) &&
    hooks.every((hook) => isHook(hook))
  )
}

function isHook(hook: unknown): boolean {
  const { events = [] } = isMap(hook) ? nullsOut(hook) : {}
  const isListed = Array.isArray(events) && events.every((one) => typeof one === 'string')
  return isListed && valuesOf(hook, ['name', 'kind', 'manifest']).every((one) => typeof one === 'string')
}

/** Those that are there; one value that is no text, where there should be a map of them. */
function valuesOf(map: unknown, names: readonly string[]): unknown[] {
  if (!isMap(map)) return [undefined]
  return names.flatMap((name) => map[name] ?? [])
}

/** Go writes null for a list or map that was never made. */
function nullsOut(map: PlainMap): PlainMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null))
}

function unzipped(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: MOST })
  } catch (error) {
    throw new Garbled((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? TOO_LARGE : 'it is not gzip', {
      cause: error,
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Garbled('it is no JSON', { cause: error })
  }
}
