import { bugOf } from '../../errors.ts'
import { kindKey } from '../../domain/kube.ts'
import { eventLines } from '../../domain/evidence/events.ts'
import {
  indexText,
  namespacesOf,
  planEvidence,
  type EvidenceSubject,
  type Gathered,
  type KnownText,
  type Piece,
} from '../../domain/evidence/plan.ts'
import type { KindRef, KubeObject, ObjectRef } from '../../domain/kube.ts'
import type { Redactor } from '../../domain/redact/redactor.ts'
import type { Clock, ClusterReader, EvidenceFolder, EvidenceStore, PodLogs } from '../../ports.ts'
import { within } from './within.ts'
import { inParallel } from '../in-parallel.ts'

export interface EvidencePorts {
  readonly cluster: Pick<ClusterReader, 'list'>
  readonly logs: Pick<PodLogs, 'tail'>
  readonly store: EvidenceStore
  readonly clock: Clock
  readonly redactor: Redactor
}

export interface EvidenceRequest extends Omit<EvidenceSubject, 'objects'> {
  readonly project: string
  readonly environment: string
  readonly deploy: number
  /** Objects of the namespaces as they were seen last; without them they are read. */
  readonly objects?: readonly KubeObject[]
  /** What is still to be computed: it has its share of the time. */
  readonly computed?: (until: AbortSignal) => Promise<readonly KnownText[]>
}

export interface Evidence {
  /** Undefined: not even the folder could be made. */
  readonly path: string | undefined
  readonly files: number
  /** Of none: why. */
  readonly why?: string
  /** What could not be had, counted; the index says what and why. */
  readonly missing: number
}

/** The rollback waits for this, so it is bounded in time and in size. */
const TOTAL_MS = 10_000
/** For the index of what could not be had in that time, on a disk that has answered so far. */
const INDEX_MS = 250
const FILES = 50
const LOG_LINES = 500
const AT_ONCE = 8

/**
 * Writes down what a rollback is about to destroy. Never throws: what is missing is said in the index, and a rollback must
 * not fail for want of evidence. `signal` cuts it short. A disk that hangs is not waited for either, and is asked no more: each
 * call that hangs takes one of the few threads that Node has for files, and for packing the journal.
 */
export async function gatherEvidence(
  ports: EvidencePorts,
  request: EvidenceRequest,
  signal: AbortSignal,
): Promise<Evidence> {
  const { clock, redactor } = ports
  const deadline = clock.monotonic() + TOTAL_MS
  const inTime = async <T>(action: (until: AbortSignal) => Promise<T>): Promise<T> =>
    await within(clock, Math.max(deadline - clock.monotonic(), 0), signal, action)
  try {
    const { project, environment, deploy } = request
    const folder = await openFolder(ports, request, deadline, inTime)
    const [{ objects, gaps: unread }, computed] = await Promise.all([
      snapshot(ports, request, inTime),
      inTime(async (until) => (await request.computed?.(until)) ?? []).catch(() => []),
    ])
    const texts = [...(request.texts ?? []), ...computed]
    const { pieces, gaps } = planEvidence({ ...request, objects, texts }, redactor)
    // One of the files is the index.
    const chosen = pieces.slice(0, FILES - 1)
    const left = pieces
      .slice(FILES - 1)
      .map((piece): Gathered => ({ piece, missing: `left out, ${FILES} files are enough` }))
    const gathered = await inParallel(chosen, AT_ONCE, async (piece) => await keep(piece, { ports, folder, inTime }))
    const all = [...gathered, ...left]
    const title = redactor.text(`${project}, environment ${environment}, deploy #${deploy}: ${request.verdict.message}`)
    await folder.write('index.txt', indexText(title, all, [...unread, ...gaps]))
    const missing = all.filter((one) => one.missing !== undefined).length
    return { path: folder.path, files: all.length - missing + 1, missing: missing + unread.length }
  } catch (error) {
    return { path: undefined, files: 0, missing: 0, why: bugOf(error).message }
  }
}

type InTime = <T>(action: (until: AbortSignal) => Promise<T>) => Promise<T>

/** Its files are written one after the other, and none after one that hung. */
async function openFolder(
  { clock, store }: EvidencePorts,
  { project, environment, deploy }: EvidenceRequest,
  deadline: number,
  inTime: InTime,
): Promise<EvidenceFolder> {
  const folder = await inTime(async () => await store.open({ project, environment, deploy }))
  let turn: Promise<unknown> = Promise.resolve()
  let hangs = false
  const write = async (name: string, content: string): Promise<void> => {
    if (hangs) throw new Error('the disk does not answer')
    let done = false
    const limit = Math.max(deadline - clock.monotonic(), INDEX_MS)
    try {
      await within(clock, limit, new AbortController().signal, async () => {
        await folder.write(name, content).finally(() => (done = true))
      })
    } finally {
      hangs = !done
    }
  }
  return {
    path: folder.path,
    async write(name, content) {
      const own = turn.then(async () => await write(name, content))
      turn = own.catch(() => undefined)
      await own
    },
  }
}

interface Keeping {
  readonly ports: EvidencePorts
  readonly folder: EvidenceFolder
  readonly inTime: InTime
}

async function keep(piece: Piece, { ports, folder, inTime }: Keeping): Promise<Gathered> {
  try {
    const text = piece.kind === 'text' ? piece.text() : await inTime(async (until) => await ask(piece, ports, until))
    if (text === undefined) return { piece, missing: 'the container has none' }
    await folder.write(piece.file, text.endsWith('\n') ? text : `${text}\n`)
    return { piece }
  } catch (error) {
    return { piece, missing: ports.redactor.text(error instanceof Error ? error.message : String(error)) }
  }
}

async function ask(
  piece: Exclude<Piece, { kind: 'text' }>,
  { cluster, logs, redactor }: EvidencePorts,
  until: AbortSignal,
): Promise<string | undefined> {
  const { namespace } = piece
  if (piece.kind === 'events') {
    const events = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace }, until)
    return redactor.text(eventLines(events).join('\n'))
  }
  const { pod, container, previous } = piece
  const lines = await logs.tail({ namespace, name: pod, container }, { lines: LOG_LINES, previous }, until)
  return lines === undefined ? undefined : redactor.text(lines.join('\n'))
}

/** Kinds between a workload and its containers. */
const BETWEEN: readonly KindRef[] = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
]

async function snapshot(
  { cluster }: EvidencePorts,
  { objects, ...subject }: EvidenceRequest,
  inTime: InTime,
): Promise<{ objects: readonly KubeObject[]; gaps: string[] }> {
  if (objects !== undefined) return { objects, gaps: [] }
  const wanted = namespacesOf(subject).flatMap((namespace) => {
    const kinds = [...BETWEEN, ...subject.failing.filter((ref) => (ref.namespace ?? namespace) === namespace)]
    return [...new Map(kinds.map((kind) => [kindKey(kind), kindOf(kind)]))].map(([name, kind]) => ({
      name,
      kind,
      namespace,
    }))
  })
  const lists = await Promise.allSettled(
    wanted.map(
      async ({ kind, namespace }) => await inTime(async (until) => await cluster.list(kind, { namespace }, until)),
    ),
  )
  return {
    objects: lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : [])),
    gaps: lists.flatMap((list, at) =>
      list.status === 'fulfilled' ? [] : [`${wanted[at]?.name ?? ''}: ${String(list.reason)}`],
    ),
  }
}

function kindOf({ apiVersion, kind }: KindRef | ObjectRef): KindRef {
  return { apiVersion, kind }
}
