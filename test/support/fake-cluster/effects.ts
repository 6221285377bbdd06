/** What happens at an effect, before it is carried out: it may throw, or do something to the run. */
export type Fault = (name: string, at: number) => void | Promise<void>

const never = new Promise<never>(() => undefined)

/**
 * All that one run of forge does to the world, in order. A fault is asked before each; one that ends the run lets it neither
 * write, read nor wake from then on, as a SIGKILL does.
 */
export class Effects {
  readonly list: string[] = []
  #fault: Fault = () => undefined
  #isDead = false
  readonly dead = Promise.withResolvers<'killed'>()

  onEach(fault: Fault): void {
    this.#fault = fault
  }

  kill(): void {
    this.#isDead = true
    this.dead.resolve('killed')
  }

  get isDead(): boolean {
    return this.#isDead
  }

  async perform<T>(name: string, act: () => T): Promise<T> {
    await this.alive()
    this.list.push(name)
    await this.#fault(name, this.list.length)
    await this.alive()
    return act()
  }

  /** Of a dead run nothing goes on. */
  async alive(): Promise<void> {
    await (this.#isDead ? never : Promise.resolve())
  }
}
