import { JOURNAL_TYPE } from '../../domain/journal/record.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import { holderOf, LEASE_KIND, leaseRef } from '../../domain/lease/lease.ts'
import type { WatchedKind } from '../../domain/readiness/model.ts'
import type { StatusDocument } from '../../domain/status/model.ts'
import type { ClusterWatcher, WatchBatch, WatchEvent } from '../../ports.ts'
import { readAgain, type OpenScope, type ScopePorts } from '../state/scope.ts'
import type { HeldPorts } from '../vault/held.ts'
import { Actors } from '../observe/actors.ts'
import { describeStatus } from './describe.ts'
import { kindsOf, observation, tellPast, type Observer } from './observe.ts'
import { readSubject, type Subject, type SubjectCluster } from './subject.ts'

type WatchScope = OpenScope<{ readonly cluster: SubjectCluster & ClusterWatcher }>
type Ports = Omit<ScopePorts<never>, 'connect' | 'project'> & HeldPorts

/**
 * `forge status --watch`: tells every state until the signal aborts. What is watched follows the journal: a deploy that
 * begins or ends changes which workloads there are, so it is read again then.
 */
export async function watchStatus(
  scope: WatchScope,
  ports: Ports,
  tell: (document: StatusDocument) => void,
): Promise<void> {
  for (let now = scope; !ports.signal.aborted; now = await readAgain(now, ports)) {
    await new Watch(now, await readSubject(now, ports.signal, ports), ports, tell).untilMoved()
  }
}

/** One look at one subject, for as long as it stands. */
class Watch {
  readonly #scope: WatchScope
  readonly #subject: Subject
  readonly #ports: Ports
  readonly #tell: (document: StatusDocument) => void
  readonly #observer: Observer
  readonly #seen: ReturnType<typeof observation>
  #timer = new AbortController()
  /** Since the first batch. */
  #shown: AbortSignal | undefined

  constructor(scope: WatchScope, subject: Subject, ports: Ports, tell: (document: StatusDocument) => void) {
    this.#scope = scope
    this.#subject = subject
    this.#ports = ports
    this.#tell = tell
    const { cluster } = scope.connected
    const actors = new Actors({ cluster, clock: ports.clock, onSeen: () => this.#reconsider() }, [], ports.signal)
    this.#observer = { namespace: scope.namespace, clock: ports.clock, actors }
    this.#seen = observation(subject, this.#observer)
  }

  /** Ends when the lock changes hands, when the journal is written to, or with the signal. */
  async untilMoved(): Promise<void> {
    const ended = new AbortController()
    const signal = AbortSignal.any([this.#ports.signal, ended.signal])
    try {
      for await (const batch of this.#scope.connected.cluster.watch(this.#kinds(), this.#scope.namespace, signal)) {
        if (this.#hasMoved(batch)) return
        this.#apply(batch)
        this.#show(signal)
      }
    } finally {
      ended.abort()
      this.#timer.abort()
    }
  }

  #kinds(): readonly WatchedKind[] {
    const lease = { ...LEASE_KIND, fieldSelector: `metadata.name=${leaseRef(this.#scope).name}` }
    const journal = { ...SECRET_KIND, fieldSelector: `type=${JOURNAL_TYPE}` }
    return [...kindsOf(this.#subject, this.#scope.namespace), lease, journal]
  }

  #hasMoved({ initial, events }: WatchBatch): boolean {
    if (events.some(({ object, type }) => object.kind === 'Lease' && type === 'set' && this.#hasNewHolder(object)))
      return true
    return !initial && events.some(({ object }) => object.kind === 'Secret')
  }

  #hasNewHolder(lease: WatchEvent['object']): boolean {
    const [now, known] = [holderOf(lease), this.#subject.holder]
    return now?.identity !== known?.identity || now?.pid !== known?.pid || now?.deploy !== known?.deploy
  }

  #apply({ initial, events }: WatchBatch): void {
    const own = events.filter(({ object }) => object.kind !== 'Lease' && object.kind !== 'Secret')
    if (!initial) this.#seen.cache.apply(own, this.#ports.clock.monotonic())
    else
      tellPast(
        own.map(({ object }) => object),
        this.#seen,
        this.#observer,
      )
  }

  #reconsider(): void {
    this.#seen.judge.reconsider()
    if (this.#shown?.aborted === false) this.#show(this.#shown)
  }

  #show(signal: AbortSignal): void {
    this.#shown = signal
    this.#tell(describeStatus(this.#scope, this.#subject, this.#seen, this.#ports).document)
    this.#arm(signal)
  }

  /** The one timer: the next moment at which time alone changes a verdict. */
  #arm(signal: AbortSignal): void {
    this.#timer.abort()
    this.#timer = new AbortController()
    const { clock } = this.#ports
    const at = clock.monotonic()
    const next = this.#seen.judge.nextDeadline(at)
    if (next === undefined) return
    clock.after(Math.max(next - at, 0), AbortSignal.any([signal, this.#timer.signal])).then(
      () => this.#show(signal),
      () => undefined,
    )
  }
}
