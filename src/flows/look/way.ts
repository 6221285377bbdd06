import type { KubeObject } from '../../domain/kube.ts'
import { portIn, type DoorPort } from '../../domain/look/ports.ts'
import { readyPods } from '../../domain/look/ready-pods.ts'
import { ForgeError } from '../../errors.ts'
import { again } from '../../hint.ts'
import type { PodPlace } from '../../ports.ts'

export interface Teller {
  readonly note: (text: string) => void
  /** Why none of these is ready, in a sentence; asked again while none is, and told where it is another one. */
  readonly why: (pods: readonly KubeObject[]) => Promise<string>
}

/** Which pod connections are led to. What changes is told in one line each. */
export class Way {
  #pod: KubeObject | undefined
  readonly #door: Pick<DoorPort, 'target'>
  readonly #teller: Teller
  #came = Promise.withResolvers<true>()
  /** What became of the last one, until it is told. */
  #gone: string | undefined
  /** What was told of this wait: reasons may come and go by turns. */
  readonly #told = new Set<string>()
  /** What none was found ready among; the newest alone is asked about. */
  #unready: readonly KubeObject[] | undefined
  #isAsking = false

  constructor(pod: KubeObject, door: Pick<DoorPort, 'target'>, teller: Teller) {
    this.#pod = pod
    this.#door = door
    this.#teller = teller
  }

  choose(pods: readonly KubeObject[]): void {
    const ready = readyPods(pods)
    const before = this.#pod
    if (before !== undefined && ready.some(({ metadata }) => metadata.uid === before.metadata.uid)) return
    if (before !== undefined)
      this.#gone = `${before.metadata.name} ${isThere(before, pods) ? 'is not ready any more' : 'is gone'}`
    this.#pod = ready[0]
    if (this.#pod === undefined) {
      this.#unready = pods
      void this.#tellWhy()
      return
    }
    this.#tell(`${this.#pod.metadata.name} goes on`)
    this.#told.clear()
    this.#came.resolve(true)
    this.#came = Promise.withResolvers()
  }

  async to(signal: AbortSignal): Promise<{ readonly pod: PodPlace; readonly port: number }> {
    while (this.#pod === undefined) await unlessAborted(this.#came.promise, signal)
    const { name, namespace = '' } = this.#pod.metadata
    const port = portIn(this.#pod, this.#door)
    if (port !== undefined) return { pod: { name, namespace }, port }
    throw new ForgeError('E_PORT_UNKNOWN', `${name} has no port ${this.#door.target}`, {
      hint: again('--port', 'http'),
    })
  }

  #waits(): boolean {
    return this.#pod === undefined
  }

  #tell(what: string): void {
    this.#teller.note(this.#gone === undefined ? what : `${this.#gone}; ${what}`)
    this.#gone = undefined
  }

  /** One question at a time: many pods may change while it is answered. */
  async #tellWhy(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    for (let pods = this.#unready; pods !== undefined && this.#waits(); pods = this.#unready) {
      this.#unready = undefined
      const why = await this.#teller.why(pods)
      // One has come meanwhile, and was told.
      if (!this.#waits()) break
      if (this.#gone !== undefined || !this.#told.has(why)) this.#tell(why)
      this.#told.add(why)
    }
    this.#isAsking = false
  }
}

function isThere({ metadata }: KubeObject, pods: readonly KubeObject[]): boolean {
  return pods.some((pod) => pod.metadata.uid === metadata.uid && pod.metadata.deletionTimestamp === undefined)
}

async function unlessAborted(promise: Promise<true>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const over = Promise.withResolvers<never>()
  const stop = (): void => over.reject(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  await Promise.race([promise, over.promise]).finally(() => signal.removeEventListener('abort', stop))
}
