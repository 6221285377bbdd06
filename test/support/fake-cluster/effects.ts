/** What happens at an effect: it may throw, or do something to the run. */
export type Fault = (name: string, at: number) => void | Promise<void>

const never = new Promise<never>(() => undefined)

/**
 * All that one run of forge does to the world, in order. A fault may strike at each; one that kills the run lets it neither
 * write, read nor wake from then on, as a SIGKILL does.
 */
export class Effects {
  readonly list: string[] = []
  #fault: Fault = () => undefined
  #when: 'before' | 'after' = 'before'
  #isDead = false
  readonly dead = Promise.withResolvers<'killed'>()

  /** Asked before each is carried out, or after it was. */
  onEach(fault: Fault, when: 'before' | 'after' = 'before'): void {
    this.#fault = fault
    this.#when = when
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
    const at = this.list.length
    if (this.#when === 'before') await this.#fault(name, at)
    await this.alive()
    const done = act()
    if (this.#when === 'after') await this.#fault(name, at)
    return done
  }

  /** Of a dead run nothing goes on. */
  async alive(): Promise<void> {
    await (this.#isDead ? never : Promise.resolve())
  }
}
