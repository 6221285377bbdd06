import type { Events } from '../../domain/events/events.ts'
import { begun } from '../../domain/journal/entry.ts'
import { readEntry, type ReadEntry } from '../../domain/journal/format/format.ts'
import type { JournalEntry, NewEntry } from '../../domain/journal/model.ts'
import { concealing, newerText, type NewerEntry } from '../../domain/journal/newer.ts'
import {
  ALL_JOURNALS,
  deployNumber,
  isOf,
  journalRef,
  journalSelector,
  packedEntry,
} from '../../domain/journal/record.ts'
import { deploysToPrune, interruptedDeploy, liveDeploy, pausesToPrune } from '../../domain/journal/retention.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { Redactor } from '../../domain/redact/redactor.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Clock, ClusterReader, ClusterWriter, Codec } from '../../ports.ts'
import { DeployRecord, packEntry } from './deploy-record.ts'
import type { StateScope } from '../../domain/state-scope.ts'

export type { DeployRecord } from './deploy-record.ts'

export type JournalCluster = Pick<ClusterReader, 'get' | 'list'> & Pick<ClusterWriter, 'create' | 'replace' | 'delete'>

export interface JournalRequest extends StateScope {
  readonly cluster: JournalCluster
  readonly codec: Codec
  readonly clock: Clock
  readonly redactor: Redactor
  /** The highest number noted in the Lease (`HeldLease.lastDeploy`): entries may have been deleted by hand. */
  readonly floor?: number | undefined
  /** No deploy was ever begun there: nothing is read. */
  readonly isEmpty?: boolean
  /** Told of each step, too. */
  readonly events?: Events | undefined
}

export interface Journal {
  /** Newest first; those that cannot be read are left out. */
  readonly entries: readonly JournalEntry[]
  /** `forge pause` and `forge resume`, newest first. */
  readonly pauses: readonly JournalEntry[]
  /** Numbers of entries that cannot be read. */
  readonly unreadable: readonly number[]
  /** Those among them that a newer forge can read. They are its own: neither written nor deleted. */
  readonly newer: readonly NewerEntry[]
  /** The one that hides what runs: then neither `live` nor `interrupted` is known (`requireKnown`). */
  readonly concealed: NewerEntry | undefined
  readonly nextNumber: number
  /** Of other projects in the same namespace, as far as they can be read. */
  others(): Promise<readonly JournalEntry[]>
  /** What the environment runs. */
  readonly live: JournalEntry | undefined
  /** A deploy that was killed; say so only while holding the lock. */
  readonly interrupted: JournalEntry | undefined
  /**
   * Writes down that a deploy begins; the number it got is the record's. `signal` (the lease's) ends all its writes. A run
   * that is stopped by Ctrl-C still writes: what it rolled back, and how it ended.
   */
  begin(start: NewEntry, signal: AbortSignal): Promise<DeployRecord>
  /** The record of an interrupted deploy, to be finished by the run that recovers it. */
  resume(entry: JournalEntry, signal: AbortSignal): DeployRecord
  /** Deletes old entries; returns those that are kept. `current`: the run's own entry, not known when it was opened. */
  prune(current: JournalEntry | undefined, signal: AbortSignal): Promise<readonly JournalEntry[]>
}

/** One sentence for each entry that cannot be read; it may have been a deploy that changed everything. */
export function unreadEntries(journal: Pick<Journal, 'unreadable' | 'newer'>): string[] {
  return journal.unreadable.map((number) => `${unreadText(number, journal)}: what it did is unknown`)
}

/** `the journal's entry of #7 cannot be read`, and why where that is known. */
export function unreadText(number: number, { newer }: Pick<Journal, 'newer'>): string {
  const known = newer.find((one) => one.number === number)
  return `the journal's entry of #${number} ${known === undefined ? 'cannot be read' : newerText(known)}`
}

/** Numbers that somebody else's Secret already has the name of. */
const TAKEN_NAMES = 10

/** Reads the journal of a project in a namespace: one list at most. */
export async function openJournal(request: JournalRequest, signal: AbortSignal): Promise<Journal> {
  const { cluster, namespace, codec, floor = 0, isEmpty = false } = request
  const options = { namespace, labelSelector: ALL_JOURNALS }
  const all = isEmpty ? [] : await cluster.list(SECRET_KIND, options, signal)
  const records = all.filter((record) => isOf(request, record))
  const byNumber = new Map(records.flatMap((record) => numbered(record)))
  const read = await Promise.all([...byNumber.values()].map(async (record) => await readRecord(record, codec)))
  const told = read.flatMap(entryIn).sort((a, b) => b.number - a.number)
  const entries = told.filter(({ kind }) => kind === undefined)
  const pauses = told.filter(({ kind }) => kind !== undefined)
  const numbers = [...byNumber.keys()]
  const newer = numbers.flatMap((number, at): NewerEntry[] => {
    const found = read[at]
    return found?.kind === 'newer' ? [{ number, format: found.format, needs: found.needs }] : []
  })
  const concealed = concealing(newer, entries)
  const nextNumber = Math.max(0, floor, ...numbers) + 1
  return {
    entries,
    pauses,
    unreadable: numbers.filter((number) => !told.some((entry) => entry.number === number)),
    nextNumber,
    others: async () => {
      const theirs = all.filter((record) => !isOf(request, record))
      return (await Promise.all(theirs.map(async (record) => await readRecord(record, codec)))).flatMap(entryIn)
    },
    newer,
    concealed,
    live: concealed === undefined ? liveDeploy(entries) : undefined,
    interrupted: concealed === undefined ? interruptedDeploy(entries) : undefined,
    begin: async (start, lost) => await begin(request, start, nextNumber, lost),
    resume: (entry, lost) => new DeployRecord(request, entry, byNumber.get(entry.number), lost),
    async prune(current, until) {
      const withOwn = (known: readonly JournalEntry[], isOwn: boolean): readonly JournalEntry[] =>
        current === undefined || !isOwn ? known : [current, ...known.filter(({ number }) => number !== current.number)]
      const all = withOwn(entries, current?.kind === undefined)
      const rested = withOwn(pauses, current?.kind !== undefined)
      const theirs = new Set([...newer, ...rested].map(({ number }) => number))
      const old = deploysToPrune(
        [...new Set([...numbers, ...all.map(({ number }) => number)])].filter((number) => !theirs.has(number)),
        all,
      )
      await Promise.all(
        [...old, ...pausesToPrune(rested)].map(
          async (number) => await cluster.delete(journalRef(request, number), uidOf(byNumber.get(number)), until),
        ),
      )
      return all.filter(({ number }) => !old.includes(number))
    },
  }
}

async function begin(
  request: JournalRequest,
  start: NewEntry,
  first: number,
  lost: AbortSignal,
): Promise<DeployRecord> {
  const { project, namespace, clock, cluster } = request
  for (let number = first; number < first + TAKEN_NAMES; number++) {
    const entry = begun(start, { project, namespace, number }, clock.now())
    const record = await packEntry(request, entry)
    const stored = (await cluster.create(record, lost)) ?? (await ownWrite(request, record, lost))
    if (stored !== undefined) return new DeployRecord(request, entry, stored, lost)
  }
  throw new ForgeError(
    'E_LOCK_LOST',
    `the journal has entries up to #${first + TAKEN_NAMES - 1} that nobody told this run of`,
    {
      hint: kubectl(['get', 'secrets', '--selector', journalSelector(request)], namespace),
      where: `Secret/${journalRef(request, first).name}`,
    },
  )
}

/** A create whose answer got lost is met again as a conflict. */
async function ownWrite(
  { cluster, ...scope }: JournalRequest,
  record: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const number = deployNumber(record)
  const live = number === undefined ? undefined : await cluster.get(journalRef(scope, number), signal)
  return live !== undefined && packedEntry(live) === packedEntry(record) ? live : undefined
}

function numbered(record: KubeObject): [number, KubeObject][] {
  const number = deployNumber(record)
  return number === undefined ? [] : [[number, record]]
}

async function readRecord(record: KubeObject, codec: Codec): Promise<ReadEntry> {
  const packed = packedEntry(record)
  if (packed === undefined) return { kind: 'garbled' }
  const text = await codec.unpack(packed).catch(() => '')
  const found = readEntry(text)
  // The name and label say which deploy it is; another number inside was not written by forge.
  const isOther = found.kind === 'entry' && found.entry.number !== deployNumber(record)
  return isOther ? { kind: 'garbled' } : found
}

function entryIn(found: ReadEntry): JournalEntry[] {
  return found.kind === 'entry' ? [found.entry] : []
}

function uidOf(record: KubeObject | undefined): { uid?: string } {
  const uid = record?.metadata.uid
  return uid === undefined ? {} : { uid }
}
