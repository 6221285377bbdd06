/** Follows the output of `go build -v`: one line per package that is compiled, `go: downloading M V` per module. */
export class GoProgress {
  readonly #expected: number | undefined
  readonly #now: () => number
  readonly #cores: number
  #packages = 0
  #modules = 0
  #firstAt: number | undefined

  /** `expected` packages to be compiled in all; `now` in milliseconds. */
  constructor(expected: number | undefined, now: () => number, cores: number) {
    this.#expected = expected
    this.#now = now
    this.#cores = cores
  }

  /** What to show after this line; undefined when the line says nothing about progress. */
  see(line: string): string | undefined {
    if (line.startsWith('go: downloading ')) {
      this.#modules += 1
      return `fetching Go modules, ${this.#modules} so far`
    }
    if (line === '' || line.startsWith('go: ') || line.startsWith('#') || /\s/u.test(line)) return undefined
    this.#packages += 1
    this.#firstAt ??= this.#now()
    return this.#text()
  }

  #text(): string {
    const total = this.#expected
    if (total === undefined) return `compiling, ${this.#packages} packages so far`
    const counted = `${this.#packages} of ${total} packages`
    if (this.#packages >= total - 1) return `${counted}, linking`
    if (this.#packages < 40 || this.#firstAt === undefined) return counted
    // Large packages come early and in heaps: what this machine shows counts as much as there is done, the rest is
    // what others have shown.
    const share = this.#packages / total
    const shown = (this.#now() - this.#firstAt) / this.#packages
    const each = share * shown + (1 - share) * (USUAL_MS / this.#cores)
    return `${counted}, ${leftText((each * (total - this.#packages)) / 1000 + LINK_SECONDS)}`
  }
}

/** One package on one core: four to six minutes for the 2552 of the sandbox on two. */
const USUAL_MS = 200
const LINK_SECONDS = 15

/** `about 3 min left`, `about 40 s left`. */
export function leftText(seconds: number): string {
  if (seconds >= 90) return `about ${Math.round(seconds / 60)} min left`
  return `about ${Math.max(10, Math.round(seconds / 10) * 10)} s left`
}
