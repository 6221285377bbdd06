import type { Opened } from './opened.ts'
import { runSteps, step, type StepPorts, type StepReport } from '../step.ts'

/** What a phase has come to: its value, which never changes any more, and what its step says of it in one line. */
export interface Found<Value> {
  readonly value: Value
  readonly said: string
}

type Work<In, Out extends Opened> = (value: In, report: StepReport) => Promise<Found<Out>>

interface Named {
  readonly name: string
  readonly work: Work<never, Opened>
}

/** Phases in their order, a numbered step each. Every one is given what the one before returned, and nothing else. */
export class Phases<In extends Opened, Out extends Opened> {
  readonly #named: readonly Named[]

  private constructor(named: readonly Named[]) {
    this.#named = named
  }

  static first<In extends Opened, Out extends Opened>(name: string, work: Work<In, Out>): Phases<In, Out> {
    return new Phases<In, Out>([{ name, work }])
  }

  next<Next extends Opened>(name: string, work: Work<Out, Next>): Phases<In, Next> {
    return new Phases<In, Next>([...this.#named, { name, work }])
  }

  get length(): number {
    return this.#named.length
  }

  /** `reached` is told each value, so that a phase that fails leaves known what was found before it. */
  async run(input: In, ports: StepPorts, total: number, reached: (value: Opened) => void): Promise<Out> {
    let value: Opened = input
    const steps = this.#named.map(({ name, work }, at) =>
      step(ports, { index: at + 1, total, name }, async (report) => {
        const found = await work(value as never, report)
        reached((value = Object.freeze(found.value)))
        return found.said
      }),
    )
    await runSteps(steps, ports)
    return value as Out
  }
}
