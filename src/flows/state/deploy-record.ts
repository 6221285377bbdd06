import { finished, redacted, smallerForms, withRelease, withStep } from '../../domain/journal/entry.ts'
import type {
  DeployState,
  JournalEntry,
  JournalRelease,
  JournalVerdict,
  StepOutcome,
} from '../../domain/journal/model.ts'
import { writeEntry } from '../../domain/journal/format/format.ts'
import type { Operation, Reason } from '../../domain/journal/operation.ts'
import type { SchemaVersion } from '../../domain/journal/schema.ts'
import {
  ENTRY_LIMIT,
  journalRecord,
  journalRef,
  journalSelector,
  packedEntry,
  packedSize,
} from '../../domain/journal/record.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { isExpected } from '../../expected.ts'
import { kubectl } from '../../hint.ts'
import type { JournalRequest } from './journal.ts'
import { within } from './within.ts'

const WRITE_MS = 10_000
const CONFLICTS = 3

/** The entry of one deploy while it is written. Each write carries the whole entry, so a later one makes up for a lost one. */
export class DeployRecord {
  readonly #request: JournalRequest
  readonly #lost: AbortSignal
  #entry: JournalEntry
  #stored: KubeObject | undefined
  /** What this run may have stored: the last write that was confirmed, and all since whose answers never came. */
  #sent: (string | undefined)[]
  #queue: Promise<unknown> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(request: JournalRequest, entry: JournalEntry, stored: KubeObject | undefined, lost: AbortSignal) {
    this.#request = request
    this.#entry = entry
    this.#stored = stored
    this.#sent = stored === undefined ? [] : [packedEntry(stored)]
    this.#lost = lost
  }

  get number(): number {
    return this.#entry.number
  }

  get entry(): JournalEntry {
    return this.#entry
  }

  /**
   * Around steps that change something. `running` is in the cluster when this resolves: the step may begin. Any other
   * outcome is written in the background: what is to happen must be known before, what has happened can be seen.
   */
  async step(operation: Operation, outcome: StepOutcome, because?: Reason): Promise<void> {
    const step = { operation, outcome, ...(because === undefined ? {} : { because }) }
    this.#entry = withStep(this.#entry, step, this.#request.clock.now())
    const release = 'release' in operation ? { release: operation.release } : {}
    this.#request.events?.tell({ type: 'operation', operation: operation.op, ...release, state: outcome })
    const saved = this.#save()
    if (outcome === 'running') await saved
    else saved.catch(() => undefined)
  }

  /** The revision that helm made; written with the next step. */
  release(name: string, revisionAfter: number): void {
    this.#entry = withRelease(this.#entry, name, { revisionAfter })
  }

  /** What runs of the release, where the deploy has failed; written with the next step. */
  left(name: string, left: JournalRelease['left']): void {
    if (left !== undefined) this.#entry = withRelease(this.#entry, name, { left })
  }

  /** The definitions of crds/ that are about to be written; written with the next step. */
  definitions(name: string, definitions: NonNullable<JournalRelease['definitions']>): void {
    this.#entry = withRelease(this.#entry, name, { definitions })
  }

  /** The deploy that its rollback brought back; written with the next step. */
  brought(number: number | undefined): void {
    if (number !== undefined) this.#entry = { ...this.#entry, brought: number }
  }

  /** The schema that the release's Jobs have brought its database to; written with the next step. */
  database(name: string, database: SchemaVersion): void {
    this.#entry = withRelease(this.#entry, name, { database })
  }

  /** What pods of the release waited for, and began with; written with the next step. */
  came(name: string, came: JournalRelease['came']): void {
    if (came !== undefined && came.length > 0) this.#entry = withRelease(this.#entry, name, { came })
  }

  /** Claims whose data is gone; written with the next step. */
  deleted(claims: readonly string[]): void {
    this.#entry = { ...this.#entry, deleted: claims }
  }

  /** When what happened; written with the end. */
  times(times: JournalEntry['times']): void {
    if (times !== undefined) this.#entry = { ...this.#entry, times }
  }

  /** The folder with what is kept of a failure; written with the next step. */
  evidence(path: string | undefined): void {
    if (path !== undefined) this.#entry = { ...this.#entry, evidence: path }
  }

  async finish(state: Exclude<DeployState, 'running'>, verdict?: JournalVerdict): Promise<void> {
    this.#entry = finished(this.#entry, state, verdict, this.#request.clock.now())
    await this.#save()
  }

  /** One write at a time; those that wait become one. */
  async #save(): Promise<void> {
    this.#next ??= this.#queue.then(async () => {
      this.#next = undefined
      await within(this.#request.clock, WRITE_MS, this.#lost, async (signal) => await this.#write(signal)).catch(
        (error: unknown) => {
          throw error instanceof ForgeError || !isExpected(error) ? error : this.#unwritten(error)
        },
      )
    })
    this.#queue = this.#next.catch(() => undefined)
    await this.#next
  }

  /** What comes next must not happen: nobody could pick it up. */
  #unwritten(error: unknown): unknown {
    if (this.#lost.aborted) return error
    const { namespace, project } = this.#request
    const why = error instanceof Error ? error.message : String(error)
    return new ForgeError('E_CLUSTER_UNREACHABLE', `the journal of #${this.number} could not be written: ${why}`, {
      hint: kubectl(['get', 'secrets', '--selector', journalSelector({ project, namespace })], namespace),
      where: `Secret/${journalRef({ project, namespace }, this.number).name}`,
      cause: error,
    })
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { cluster, project, namespace } = this.#request
    const record = await packEntry(this.#request, this.#entry)
    this.#sent.push(packedEntry(record))
    for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
      const stored =
        this.#stored === undefined
          ? await cluster.create(record, signal)
          : await cluster.replace(withEntry(this.#stored, record), signal)
      if (stored !== undefined) {
        this.#stored = stored
        this.#sent = [packedEntry(stored)]
        return
      }
      const live = await cluster.get(journalRef({ project, namespace }, this.number), signal)
      if (live !== undefined && !this.#sent.includes(packedEntry(live))) break
      this.#stored = live
    }
    throw new ForgeError('E_LOCK_LOST', `somebody else writes the journal of #${this.number}`, {
      hint: kubectl(['get', 'lease', `forge-${project}`, '--output', 'yaml'], namespace),
      where: `Secret/${journalRef({ project, namespace }, this.number).name}`,
    })
  }
}

/** Whatever else is in the Secret stays: another forge may have put it there. */
function withEntry(stored: KubeObject, record: KubeObject): KubeObject {
  return { ...stored, ['data']: { ...(stored['data'] as object | undefined), ...(record['data'] as object) } }
}

/** The Secret that holds an entry: redacted, and small enough for the API server. */
export async function packEntry(
  { codec, redactor, ...scope }: JournalRequest,
  entry: JournalEntry,
): Promise<KubeObject> {
  const safe = redacted(entry, redactor)
  let packed = ''
  for (const form of [safe, ...smallerForms(safe)]) {
    packed = await codec.pack(writeEntry(form))
    if (packedSize(packed) <= ENTRY_LIMIT) break
  }
  return journalRecord(scope, entry.number, packed)
}
