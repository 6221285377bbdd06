/** Asked for by many, read once, and only if somebody asks. */
export class Once<T> {
  #reading: Promise<T> | undefined

  /** Reads it, unless that was begun before. */
  get(read: () => Promise<T>): Promise<T> {
    return (this.#reading ??= read())
  }

  /** What the first who asked was given. Undefined: nobody did. */
  get asked(): Promise<T> | undefined {
    return this.#reading
  }
}
