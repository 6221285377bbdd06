import type { RunEvent } from './model.ts'

type Type = RunEvent['type']
type Hear = (event: RunEvent) => void

/** What happens in a run, as it happens: phases tell it, screens, reports and files hear it. Telling waits for nobody. */
export class Events {
  readonly #hearers = new Map<Type, Set<Hear>>()

  tell(event: RunEvent): void {
    for (const hear of this.#hearers.get(event.type) ?? []) hear(event)
  }

  /** False: what would be told often need not be made. */
  isHeard(type: Type): boolean {
    return (this.#hearers.get(type)?.size ?? 0) > 0
  }

  /** Until what it returns is called. */
  on<Heard extends Type>(
    types: readonly Heard[],
    hear: (event: Extract<RunEvent, { type: Heard }>) => void,
  ): () => void {
    for (const type of types) this.#hearers.set(type, (this.#hearers.get(type) ?? new Set<Hear>()).add(hear as Hear))
    return () => types.forEach((type) => this.#hearers.get(type)?.delete(hear as Hear))
  }
}
