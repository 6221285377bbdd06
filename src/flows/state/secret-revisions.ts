import {
  contentOf,
  keptRevision,
  liveRevision,
  newContent,
  newerRevision,
  presentContent,
  restoredSecret,
  revisionName,
  revisionObject,
  revisionSelector,
  sameContent,
  type SecretContent,
} from '../../domain/journal/secret-revision.ts'
import { newerText } from '../../domain/journal/newer.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import { referredRevisions, revisionsToPrune } from '../../domain/journal/retention.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { SecretPlan } from '../../domain/secrets/model.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterReader, ClusterWriter } from '../../ports.ts'
import type { StateScope } from '../../domain/state-scope.ts'

export interface RevisionRequest extends StateScope {
  readonly cluster: Pick<ClusterReader, 'get' | 'list'> & Pick<ClusterWriter, 'create' | 'delete'>
}

/** The part of a plan that says what is about to be written. */
export type RevisionChange = Pick<SecretPlan, 'name' | 'revision' | 'revisionBefore'> & { readonly object: KubeObject }

/**
 * Before a secret changes: its new content is kept under its number, and so is the present one, unless both are. One read
 * and one or two creates. Content that somebody edited by hand under a number is kept beside the original.
 */
export async function keepRevision(
  request: RevisionRequest,
  change: RevisionChange,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, namespace } = request
  const { name, object, revision, revisionBefore } = change
  const live = revisionBefore === undefined ? undefined : await cluster.get({ ...SECRET_KIND, namespace, name }, signal)
  await Promise.all([
    ...(live === undefined || revisionBefore === undefined
      ? []
      : [keep(request, presentContent(name, liveRevision(live) ?? revisionBefore, live, object), signal)]),
    ...(revision === revisionBefore ? [] : [keep(request, newContent(name, revision, object), signal)]),
  ])
}

/**
 * The content that a secret had last under a number, as the Secret to apply. Throws E_SECRET_REVISION when it is not kept,
 * E_SECRET_REVISION_NEWER when only a newer forge can read it.
 */
export async function readRevision(
  request: RevisionRequest,
  secret: string,
  revision: number,
  signal: AbortSignal,
): Promise<KubeObject> {
  const last = (await variantsOf(request, { secret, revision }, signal)).at(-1)
  if (last?.content !== undefined) return restoredSecret(request, last.content)
  if (last?.newer !== undefined) {
    const name = revisionName(secret, revision, last.variant)
    throw new ForgeError(
      'E_SECRET_REVISION_NEWER',
      `revision ${revision} of secret ${secret} ${newerText(last.newer)}`,
      {
        hint: kubectl(['describe', 'secret', name], request.namespace),
        where: `Secret/${name}`,
      },
    )
  }
  throw new ForgeError('E_SECRET_REVISION', `revision ${revision} of secret ${secret} is not kept any more`, {
    hint: kubectl(['get', 'secrets', '--selector', revisionSelector(request)], request.namespace),
    where: `Secret/${revisionName(secret, revision)}`,
  })
}

/** By secret, the highest number ever kept: numbers are never reused, not even after a rollback to a lower one. */
export async function highestRevisions(
  request: RevisionRequest,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const highest = new Map<string, number>()
  for (const { secret, revision } of await listRevisions(request, signal)) {
    highest.set(secret, Math.max(revision, highest.get(secret) ?? 0))
  }
  return highest
}

/**
 * Deletes revisions that neither a kept deploy nor the live Secret refers to, beyond the newest five of each secret. What only a newer
 * forge can read is that one's to delete.
 * `live`: the numbers that are in use now; a secret that is not in it is read first.
 */
export async function pruneRevisions(
  request: RevisionRequest,
  kept: readonly JournalEntry[],
  live: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<number> {
  const { cluster, namespace } = request
  const revisions = await listRevisions(request, signal)
  const referred = referredRevisions(kept)
  const unknown = new Set(
    revisionsToPrune(revisions, referred, live)
      .map(({ secret }) => secret)
      .filter((secret) => !live.has(secret)),
  )
  const found = await Promise.all(
    [...unknown].map(
      async (name) => [name, liveRevision(await cluster.get({ ...SECRET_KIND, namespace, name }, signal))] as const,
    ),
  )
  const known = new Map([
    ...live,
    ...found.flatMap(([name, number]) => (number === undefined ? [] : [[name, number] as const])),
  ])
  const old = revisionsToPrune(revisions, referred, known).filter(({ isNewer }) => !isNewer)
  await Promise.all(old.map(async ({ name }) => await cluster.delete({ ...SECRET_KIND, namespace, name }, {}, signal)))
  return old.length
}

async function keep(request: RevisionRequest, content: SecretContent, signal: AbortSignal): Promise<void> {
  const { cluster } = request
  if ((await cluster.create(revisionObject(request, content), signal)) !== undefined) return
  const { secret, revision } = content
  const newest = (await variantsOf(request, { secret, revision }, signal)).at(-1)
  if (newest?.content !== undefined && sameContent(newest.content, content)) return
  const variant = (newest?.variant ?? 0) + 1
  if ((await cluster.create(revisionObject(request, content, variant), signal)) !== undefined) return
  throw new ForgeError(
    'E_SECRET_REVISION',
    `${revisionName(secret, revision, variant)} exists already with something else in it`,
    {
      hint: kubectl(['describe', 'secret', revisionName(secret, revision, variant)], request.namespace),
      where: `Secret/${revisionName(secret, revision, variant)}`,
    },
  )
}

interface Variant {
  readonly variant: number
  /** Undefined: of a format that this forge does not know, `newer`. */
  readonly content: SecretContent | undefined
  readonly newer: ReturnType<typeof newerRevision>
}

/** All contents that a secret had under one number, oldest first. */
async function variantsOf(
  request: RevisionRequest,
  one: { secret: string; revision: number },
  signal: AbortSignal,
): Promise<Variant[]> {
  const options = { namespace: request.namespace, labelSelector: revisionSelector(request, one) }
  const objects = await request.cluster.list(SECRET_KIND, options, signal)
  return objects
    .flatMap((object) => {
      const kept = keptRevision(object)
      if (kept?.secret !== one.secret) return []
      return { variant: kept.variant, content: contentOf(object), newer: newerRevision(object) }
    })
    .sort((a, b) => a.variant - b.variant)
}

async function listRevisions(
  request: RevisionRequest,
  signal: AbortSignal,
): Promise<{ name: string; secret: string; revision: number; isNewer: boolean }[]> {
  const options = { namespace: request.namespace, labelSelector: revisionSelector(request), metadataOnly: true }
  const objects = await request.cluster.list(SECRET_KIND, options, signal)
  return objects.flatMap((object) => {
    const kept = keptRevision(object)
    if (kept === undefined) return []
    return { ...kept, name: object.metadata.name, isNewer: newerRevision(object) !== undefined }
  })
}
