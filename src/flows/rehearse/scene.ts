import type { Detail } from '../../domain/events/model.ts'
import type { RehearsalScene } from '../../domain/rehearsal/model.ts'
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
    const made = await build(tonight, sandbox, { clock, signal })
    const stop = await actAsOperators(tonight, sandbox.cluster, { clock, signal })
    return { sandbox, made, close: async () => await stop().finally(sandbox.stop) }
  } catch (error) {
    await sandbox.stop()
    throw error
  }
}

/** One scene at a time, which is as the environment is now. */
export class Scenes {
  readonly #tonight: Tonight
  readonly #ports: RehearsalPorts
  #scene: Scene | undefined

  constructor(tonight: Tonight, ports: RehearsalPorts) {
    this.#tonight = tonight
    this.#ports = ports
  }

  async get(tell: (detail: Detail) => void): Promise<Scene> {
    this.#scene ??= await openScene(this.#tonight, this.#ports, tell)
    return this.#scene
  }

  /** The next one is a new one. */
  async drop(): Promise<void> {
    const scene = this.#scene
    this.#scene = undefined
    await scene?.close()
  }
}
