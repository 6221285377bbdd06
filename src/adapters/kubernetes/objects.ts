import { groupOf, refOf, type ApiResource, type KindRef, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { isMap, type PlainMap } from '../../domain/config/path.ts'
import { PAUSE_MANAGER } from '../../domain/pause/memory.ts'
import type { AccessRules, ClusterReader, ClusterVersion, ClusterWriter, ListOptions } from '../../ports.ts'
import { Client, type Discovery } from './discovery.ts'
import { refusal, type Subject } from './failures.ts'
import type { Call, Transport } from './transport.ts'
import type { ClusterName } from '../../hint.ts'

/** Objects per page: keeps an answer near 4 MB for pods. */
const PAGE = 500

/**
 * A lock is written every 5 s, and each write proves that the connection lives: one that is dead though nobody closed it is
 * found by its silence, and undici then asks it with a PING and gives it up, with all watches on it. Below the time of one
 * try (5 s), so that the next goes out on a new connection before the lock is lost.
 */
const LEASE_ANSWER_MS = 3_000

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

export class Reader extends Client implements ClusterReader {
  readonly server: string
  readonly context: string
  readonly named: ClusterName

  constructor(transport: Transport, discovery: Discovery) {
    super(transport, discovery)
    this.server = transport.access.server
    this.context = transport.access.context
    this.named = transport.access.named
  }

  async version(signal: AbortSignal): Promise<ClusterVersion> {
    const subject = { verb: 'get', resource: '/version' }
    const { gitVersion, major, minor } = await this.transport.value<Record<'gitVersion' | 'major' | 'minor', string>>({
      method: 'GET',
      path: '/version',
      subject,
      signal,
    })
    // Some providers append a plus sign: "34+".
    return { gitVersion, major: Number.parseInt(major, 10), minor: Number.parseInt(minor, 10) }
  }

  async resources(signal: AbortSignal): Promise<readonly ApiResource[]> {
    return await this.discovery.resources(signal)
  }

  async get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> {
    const path = await this.discovery.pathOf(ref, signal)
    const call: Call = { method: 'GET', path, subject: await subjectOf(this.discovery, 'get', ref, signal), signal }
    const answer = await this.transport.json<KubeObject>(call, [404])
    return answer.ok ? answer.value : undefined
  }

  async list(kind: KindRef, options: ListOptions, signal: AbortSignal): Promise<readonly KubeObject[]> {
    return (await listAll(this.transport, this.discovery, kind, options, signal)).objects
  }

  async rules(namespace: string, signal: AbortSignal): Promise<AccessRules> {
    const { status = {} } = await this.transport.value<{
      status?: {
        incomplete?: boolean
        resourceRules?: AccessRules['rules']
        nonResourceRules?: Pick<AccessRules['rules'][number], 'verbs' | 'nonResourceURLs'>[]
      }
    }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
      subject: { verb: 'create', resource: 'selfsubjectrulesreviews.authorization.k8s.io' },
      repeatable: true,
      signal,
    })
    const rules = (status.resourceRules ?? []).map((rule) => ({
      ...rule,
      apiGroups: or(rule.apiGroups),
      resources: or(rule.resources),
    }))
    const paths = (status.nonResourceRules ?? []).map((rule) => ({ ...rule, apiGroups: [], resources: [] }))
    return { incomplete: status.incomplete ?? false, rules: [...rules, ...paths] }
  }
}

/** The API leaves empty lists out. */
function or(list: readonly string[] | undefined): readonly string[] {
  return list ?? []
}

export class Writer extends Client implements ClusterWriter {
  async apply(object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    const ref = refOf(object)
    return await this.transport.value<KubeObject>({
      method: 'PATCH',
      path: await this.discovery.pathOf(ref, signal),
      query: { fieldManager: 'forge', force: true, fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: object,
      subject: await subjectOf(this.discovery, 'patch', ref, signal),
      repeatable: true,
      signal,
    })
  }

  async create(object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
    const ref = refOf(object)
    const path = await this.discovery.collectionOf(ref, ref.namespace, signal)
    const subject = await subjectOf(this.discovery, 'create', ref, signal)
    const call: Call = { method: 'POST', path, query: { fieldManager: 'forge' }, body: object, subject, signal }
    const answer = await this.transport.json<KubeObject>(call, [409])
    if (answer.ok) return answer.value
    if (answer.status.reason === 'AlreadyExists') return undefined
    throw refusal(answer.status, subject, this.transport.access)
  }

  async replace(object: KubeObject, signal: AbortSignal, subresource?: 'status'): Promise<KubeObject | undefined> {
    const ref = refOf(object)
    const own = await this.discovery.pathOf(ref, signal)
    const path = subresource === undefined ? own : `${own}/${subresource}`
    const subject = await subjectOf(this.discovery, 'update', ref, signal)
    const call: Call = { method: 'PUT', path, query: { fieldManager: 'forge' }, body: object, subject, signal }
    const answer = await this.transport.json<KubeObject>(
      object.kind === 'Lease' ? { ...call, headersMs: LEASE_ANSWER_MS } : call,
      [404, 409],
    )
    return answer.ok ? answer.value : undefined
  }

  async mark(
    object: KubeObject,
    { labels, annotations }: Parameters<ClusterWriter['mark']>[1],
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const ref = refOf(object)
    const { uid, resourceVersion } = object.metadata
    const subject = await subjectOf(this.discovery, 'patch', ref, signal)
    const answer = await this.transport.json<KubeObject>(
      {
        method: 'PATCH',
        path: await this.discovery.pathOf(ref, signal),
        query: { fieldManager: 'helm' },
        contentType: 'application/merge-patch+json',
        body: { metadata: { uid, resourceVersion, labels, annotations } },
        subject,
        signal,
      },
      [404, 409],
    )
    return answer.ok ? answer.value : undefined
  }

  async adjust(
    object: KubeObject,
    change: PlainMap,
    signal: AbortSignal,
    subresource?: 'scale',
  ): Promise<KubeObject | undefined> {
    const ref = refOf(object)
    const { uid, resourceVersion } = object.metadata
    const subject = await subjectOf(this.discovery, 'patch', ref, signal)
    const { metadata, ...rest } = change
    const path = await this.discovery.pathOf(ref, signal)
    const answer = await this.transport.json<KubeObject>(
      {
        method: 'PATCH',
        path: subresource === undefined ? path : `${path}/${subresource}`,
        query: { fieldManager: PAUSE_MANAGER },
        contentType: 'application/merge-patch+json',
        body: { metadata: { ...(isMap(metadata) ? metadata : {}), uid, resourceVersion }, ...rest },
        subject: subresource === undefined ? subject : { ...subject, resource: `${subject.resource}/${subresource}` },
        signal,
      },
      [404, 409],
    )
    return answer.ok ? answer.value : undefined
  }

  async delete(
    ref: ObjectRef,
    { uid, resourceVersion, propagation = 'Background' }: Parameters<ClusterWriter['delete']>[1],
    signal: AbortSignal,
  ): Promise<boolean> {
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    }
    const call: Call = {
      method: 'DELETE',
      path: await this.discovery.pathOf(ref, signal),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: propagation, preconditions },
      subject: await subjectOf(this.discovery, 'delete', ref, signal),
      signal,
    }
    // 409: another object has taken the name, or it has changed; the one that was meant is not there.
    return (await this.transport.json<unknown>(call, [404, 409])).ok
  }

  async scale(ref: ObjectRef, replicas: number, signal: AbortSignal): Promise<void> {
    const subject = await subjectOf(this.discovery, 'patch', ref, signal)
    await this.transport.value<unknown>({
      method: 'PATCH',
      path: `${await this.discovery.pathOf(ref, signal)}/scale`,
      query: { fieldManager: 'forge' },
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas } },
      subject: { ...subject, resource: `${subject.resource}/scale` },
      repeatable: true,
      signal,
    })
  }
}

interface ListBody {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly Omit<KubeObject, 'apiVersion' | 'kind'>[]
}

/** All pages of a list, from a consistent read. Items of a list carry neither apiVersion nor kind; they get them here. */
export async function listAll(
  transport: Transport,
  discovery: Discovery,
  kind: KindRef,
  options: ListOptions,
  signal: AbortSignal,
): Promise<{ readonly objects: KubeObject[]; readonly resourceVersion: string }> {
  const path = await discovery.collectionOf(kind, options.namespace, signal)
  const subject = await subjectOf(
    discovery,
    'list',
    { ...kind, ...(options.namespace === undefined ? {} : { namespace: options.namespace }) },
    signal,
  )
  const { labelSelector, fieldSelector } = options
  const page = (more: Record<string, string | number | undefined>): Call => ({
    method: 'GET',
    path,
    query: { labelSelector, fieldSelector, ...more },
    accept: options.metadataOnly === true ? METADATA_ONLY : 'application/json',
    subject,
    signal,
  })
  const objects: KubeObject[] = []
  let token: string | undefined
  for (;;) {
    const answer = await transport.json<ListBody>(
      page({ limit: PAGE, continue: token }),
      token === undefined ? [] : [410],
    )
    // The snapshot behind the token is gone (etcd compacts after five minutes): one unpaged list instead.
    const body = answer.ok ? answer.value : await transport.value<ListBody>(page({}))
    if (!answer.ok) objects.length = 0
    for (const item of body.items ?? [])
      objects.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind } as KubeObject)
    token = body.metadata?.continue === '' ? undefined : body.metadata?.continue
    if (token === undefined) return { objects, resourceVersion: body.metadata?.resourceVersion ?? '' }
  }
}

/** In RBAC's words, for refusals. */
export async function subjectOf(
  discovery: Discovery,
  verb: string,
  ref: KindRef & { namespace?: string; name?: string },
  signal: AbortSignal,
): Promise<Subject> {
  const { plural, namespaced } = await discovery.find(ref, signal)
  const group = groupOf(ref.apiVersion)
  const { namespace, name } = ref
  return {
    verb,
    resource: group === '' ? plural : `${plural}.${group}`,
    ...(namespaced && namespace !== undefined ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
  }
}
