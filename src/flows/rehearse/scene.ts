import type { Detail } from '../../domain/events/model.ts'
import type { RehearsalScene } from '../../domain/rehearsal/model.ts'
import { unlessItFails } from '../../expected.ts'
import { build } from './build.ts'
import { actAsOperators } from './operators.ts'
import type { MadeSandbox, RehearsalPorts } from './ports.ts'
import type { Tonight } from './rehearse.ts'

/** A sandbox as the environment is before tonight's deploy. */
export interface Scene {
  readonly sandbox: MadeSandbox
  readonly made: RehearsalScene
  readonly close: () => Promise<void>
}

/** Starts a sandbox and makes it like the environment. One that could not be made whole is taken down again. */
export async function openScene(
  tonight: Tonight,
  { environment, makeSandbox }: RehearsalPorts,
  tell: (detail: Detail) => void,
): Promise<Scene> {
  const { signal, clock } = environment
  const sandbox = await makeSandbox({ version: tonight.captured.version }, { signal, progress: tell })
  try {
    tell('making it like the environment')
    return await whileItRuns(sandbox, signal, async () => {
      const made = await build(tonight, sandbox, { clock, signal })
      const stop = await actAsOperators(tonight, sandbox.cluster, { clock, signal })
      const close = async (): Promise<void> => await whileItRuns(sandbox, signal, stop).finally(sandbox.stop)
      return { sandbox, made, close }
    })
  } catch (error) {
    await sandbox.stop()
    throw error
  }
}

/** What comes of work in a sandbox that has ended by itself says nothing of the environment: that is told instead. */
export async function whileItRuns<T>(
  { check }: Pick<MadeSandbox, 'check'>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } finally {
    if (!signal.aborted) await check()
  }
}

interface Opening {
  readonly scene: Promise<Scene>
  /** Ends the making of it. */
  readonly end: () => void
  isOpen: boolean
  /** What it is at, for whoever waits for it. */
  at: Detail | undefined
}

/** One scene after another, each as the environment is now; one may be in the making while something else is rehearsed. */
export class Scenes {
  readonly #tonight: Tonight
  readonly #ports: RehearsalPorts
  #opening: Opening | undefined
  #tell: (detail: Detail) => void = () => undefined

  constructor(tonight: Tonight, ports: RehearsalPorts) {
    this.#tonight = tonight
    this.#ports = ports
  }

  /** Begins with it. What keeps it from being made is told to whoever asks for it. */
  prepare(): void {
    this.#opening ??= this.#open()
  }

  async get(tell: (detail: Detail) => void): Promise<Scene> {
    this.#tell = tell
    this.#opening ??= this.#open()
    const { scene, isOpen, at } = this.#opening
    if (!isOpen && at !== undefined) tell(at)
    return await scene
  }

  /** The next one is a new one. */
  async drop(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    if (opening === undefined) return
    if (!opening.isOpen) opening.end()
    // One that could not be made has been taken down.
    const scene = await unlessItFails(opening.scene, () => undefined)
    await scene?.close()
  }

  #open(): Opening {
    const over = new AbortController()
    const { environment } = this.#ports
    const signal = AbortSignal.any([environment.signal, over.signal])
    const made = Promise.withResolvers<Scene>()
    const opening: Opening = { scene: made.promise, end: () => over.abort(), isOpen: false, at: undefined }
    const tell = (detail: Detail): void => {
      opening.at = detail
      this.#tell(detail)
    }
    openScene(this.#tonight, { ...this.#ports, environment: { ...environment, signal } }, tell).then((scene) => {
      opening.isOpen = true
      made.resolve(scene)
    }, made.reject)
    // Whoever asks for it is told.
    made.promise.catch(() => undefined)
    return opening
  }
}
