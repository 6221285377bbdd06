import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { KUSTOMIZATION_FILES } from '../../domain/migrate/kustomization.ts'
import {
  appliedKinds,
  isApplied,
  readManifests,
  showPlace,
  twice,
  type ManifestFile,
  type SourceObject,
  type UnreadSource,
} from '../../domain/migrate/source.ts'
import { secretTexts } from '../../domain/manifest/secret-texts.ts'
import { ForgeError } from '../../errors.ts'
import { again, kubectl, program } from '../../hint.ts'
import type { LegacyFiles } from '../../legacy-port.ts'
import type { ClusterReader } from '../../ports.ts'
import { inParallel } from '../in-parallel.ts'
import { isNamespaced } from '../observe/kinds.ts'
import type { SecretSink } from '../project/ports.ts'
import { register } from '../project/secrets.ts'
import { noneIfGone, unlessForbidden } from '../unless-forbidden.ts'

export interface SourcePorts {
  readonly legacy: LegacyFiles
  readonly cluster: Pick<ClusterReader, 'resources' | 'list'>
  /** Secrets of the old stack are read with the rest of it. */
  readonly redactor: SecretSink
  readonly signal: AbortSignal
}

/** As many as a browser asks for at once. */
const LISTS_AT_ONCE = 6

/**
 * The objects that `--from` describes, as they were applied; those without a namespace get `namespace`. Throws E_LEGACY_SOURCE,
 * E_LEGACY_TWICE, and what rendering a kustomization may throw.
 */
export async function readSource(
  from: string,
  namespace: string,
  ports: Omit<SourcePorts, 'cluster'> & { readonly cluster: Pick<ClusterReader, 'resources'> },
): Promise<readonly SourceObject[]> {
  const { legacy, cluster, redactor, signal } = ports
  const [files, resources] = await Promise.all([manifestsOf(from, legacy, signal), cluster.resources(signal)])
  const { objects, unread } = readManifests(files, namespace, isNamespaced(resources))
  mask(objects, redactor)
  const [wrong, ...others] = unread
  if (wrong !== undefined) throw unreadable([wrong, ...others], namespace)
  const [first, second] = twice(objects) ?? []
  if (first !== undefined && second !== undefined) throw isTwice(first, second, from)
  if (objects.length > 0) return objects
  throw new ForgeError('E_LEGACY_SOURCE', `${from} holds no manifest`, { hint: program('ls', '-R', from), where: from })
}

async function manifestsOf(from: string, legacy: LegacyFiles, signal: AbortSignal): Promise<readonly ManifestFile[]> {
  const place = await legacy.find(from)
  switch (place.kind) {
    case 'missing':
      throw new ForgeError('E_LEGACY_SOURCE', `${from} is not there`, { hint: program('ls', '-d', from), where: from })
    case 'kustomization':
      return [{ file: place.file, text: await legacy.build(from, signal) }]
    case 'manifests':
      refuseInner(place.files, from)
      return place.files
  }
}

/** A folder above a kustomization: its parts alone, read as they stand, are not what was applied. */
function refuseInner(files: readonly ManifestFile[], from: string): void {
  const inner = files.find(({ file }) => KUSTOMIZATION_FILES.some((name) => file.endsWith(`/${name}`)))
  if (inner === undefined) return
  const folder = inner.file.slice(0, inner.file.lastIndexOf('/'))
  throw new ForgeError('E_LEGACY_SOURCE', `${from} is no kustomization, and ${folder} in it is one`, {
    hint: again('--from', folder),
    where: inner.file,
  })
}

function unreadable(unread: readonly [UnreadSource, ...UnreadSource[]], namespace: string): ForgeError {
  const [{ at, reason }] = unread
  return new ForgeError('E_LEGACY_SOURCE', `${showPlace(at)} describes no Kubernetes object: ${reason}`, {
    hint: kubectl(['create', '--dry-run=client', '--filename', at.file], namespace),
    where: showPlace(at),
    problems: unread.map((one) => ({ message: `no Kubernetes object: ${one.reason}`, where: showPlace(one.at) })),
  })
}

function isTwice(first: SourceObject, second: SourceObject, from: string): ForgeError {
  const places = [first, second].flatMap(({ at }) => (at === undefined ? [] : showPlace(at)))
  const { name } = first.object.metadata
  return new ForgeError('E_LEGACY_TWICE', `${nameOf(first.object)} is described twice, in ${places.join(' and ')}`, {
    hint: program('grep', '--recursive', '--line-number', `name: ${name}`, from),
    where: places[1] ?? from,
  })
}

/**
 * The same from the cluster: all that somebody applied in the namespace and that has these labels. What may not be listed is
 * said in `notChecked`. Throws E_LEGACY_SELECTOR.
 */
export async function readLiveSource(
  selector: string,
  namespace: string,
  { cluster, redactor, signal }: Omit<SourcePorts, 'legacy'>,
  notChecked: string[],
): Promise<readonly SourceObject[]> {
  const found = selector.trim() === '' ? [] : await listAll(selector, namespace, { cluster, signal }, notChecked)
  const objects = found.filter(isApplied).map((object) => ({ object }))
  mask(objects, redactor)
  if (objects.length > 0) return objects
  const message =
    selector.trim() === '' ? '--from-live names no label' : `nothing in ${namespace} has labels ${selector}`
  throw selectsNothing(message, namespace)
}

function selectsNothing(message: string, namespace: string, cause?: ForgeError): ForgeError {
  return new ForgeError('E_LEGACY_SELECTOR', message, {
    hint: kubectl(['get', 'deployments,services,persistentvolumeclaims', '--show-labels'], namespace),
    where: `namespace ${namespace}`,
    cause,
  })
}

/** One object may be served by two groups (an Ingress of old): it counts once. */
async function listAll(
  labelSelector: string,
  namespace: string,
  { cluster, signal }: Pick<SourcePorts, 'signal'> & { readonly cluster: SourcePorts['cluster'] },
  notChecked: string[],
): Promise<KubeObject[]> {
  const kinds = appliedKinds(await cluster.resources(signal))
  const lists = await inParallel(kinds, LISTS_AT_ONCE, async (kind) => {
    const listed = noneIfGone(cluster.list(kind, { namespace, labelSelector }, signal)).catch((error: unknown) => {
      if (!(error instanceof ForgeError) || error.code !== 'E_API_REFUSED') throw error
      throw selectsNothing(`${labelSelector} is no label selector: ${error.message}`, namespace, error)
    })
    return await unlessForbidden(listed, () => {
      notChecked.push(`whether ${kind.plural} belong to the old stack: not checked, they may not be listed`)
    })
  })
  const objects = lists.flatMap((list = []) => list)
  return [...new Map(objects.map((object) => [object.metadata.uid ?? keyOf(object), object])).values()]
}

function mask(objects: readonly SourceObject[], redactor: SecretSink): void {
  const secrets = objects.filter(({ object: { apiVersion, kind } }) => apiVersion === 'v1' && kind === 'Secret')
  for (const text of secrets.flatMap(({ object }) => secretTexts(object)))
    register(new TextEncoder().encode(text), redactor)
}
