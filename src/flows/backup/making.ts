import type { BackupSource } from '../../domain/backup/model.ts'
import { nameOf, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import type { StepReport } from '../step.ts'

/** What a backup is made with, under the lock. */
export interface Making {
  readonly cluster: Connection
  readonly ports: Pick<DeployPorts, 'clock' | 'redactor'>
  readonly report: StepReport
  /** The person's, and the lock's. */
  readonly signal: AbortSignal
  /** Proves that the lock is still held. */
  readonly confirm: () => Promise<void>
  /** What goes on in the cluster, whoever stops waiting for it. */
  readonly going: Set<string>
}

/** What came of one: the object as it ended, and its own words for what is to be restored. */
export interface Ended {
  readonly object: KubeObject
  readonly said?: string | undefined
}

/** How long one may still take. */
export interface Deadline {
  readonly timeoutMs: number
  /** Monotonic. */
  readonly at: number
}

/** As many names as it tries: a run before this one, which was cut off, may have had the same number. */
const NAMES = 10

/** The first of these whose name nobody has. */
export async function firstFree(
  objects: (again: number) => KubeObject,
  { cluster, signal }: Pick<Making, 'cluster' | 'signal'>,
): Promise<KubeObject> {
  for (let again = 0; again < NAMES; again++) {
    const object = objects(again)
    if ((await cluster.get(refOf(object), signal)) === undefined) return object
  }
  throw taken(objects(NAMES))
}

/** Under the lock nobody else makes one of this name but by hand. */
export async function create(object: KubeObject, { cluster, signal, confirm, going }: Making): Promise<void> {
  await confirm()
  if ((await cluster.create(object, signal)) === undefined) throw taken(object)
  going.add(nameOf(object))
}

function taken(object: KubeObject): ForgeError {
  return new ForgeError('E_API_CONFLICT', `${nameOf(object)} is there already, and not of this run`, {
    hint: kubectl(['get', object.kind.toLowerCase()], object.metadata.namespace),
    where: nameOf(object),
  })
}

export function described({ kind, name, apiVersion, namespace }: ObjectRef): ReturnType<typeof kubectl> {
  const group = apiVersion.includes('.') ? `.${apiVersion.split('/')[0] ?? ''}` : ''
  return kubectl(['describe', `${kind.toLowerCase()}${group}`, name], namespace)
}

/** `backup temporal could not be made: …`, with the causes. */
export function couldNot(
  { spec }: Pick<BackupSource, 'spec'>,
  object: KubeObject | ObjectRef,
  why: string,
  more: Partial<ForgeError['details']> = {},
): ForgeError {
  const ref = 'metadata' in object ? refOf(object) : object
  return new ForgeError('E_BACKUP_FAILED', `backup ${spec.name} could not be made: ${why}`, {
    hint: described(ref),
    where: nameOf(ref),
    chain: [nameOf(ref)],
    ...more,
  })
}
