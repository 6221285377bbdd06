/** What moves the cursor or clears, as listr2 writes it. */
const SEQUENCE = /^\u001B\[\??(\d*)[;\d]*([A-Za-z])/u

/**
 * What stands in a terminal once all is written. Long lines are not broken, so that what is wider than the terminal can be told;
 * whoever moves the cursor keeps to its width.
 */
export function drawnScreen(written: string): string {
  const screen = new Cells()
  for (let rest = written; rest !== '';) {
    const [sequence, count = '', letter = ''] = SEQUENCE.exec(rest) ?? []
    const one = sequence ?? String.fromCodePoint(rest.codePointAt(0) ?? 0)
    if (sequence === undefined) screen.write(one)
    else screen.obey(letter, count === '' ? undefined : Number(count))
    rest = rest.slice(one.length)
  }
  return screen.text()
}

class Cells {
  readonly #rows: string[][] = [[]]
  #row = 0
  #column = 0

  write(one: string): void {
    if (one === '\r') this.#column = 0
    else if (one === '\n') this.#to(this.#row + 1)
    else {
      const row = this.#rows[this.#row] ?? []
      while (row.length < this.#column) row.push(' ')
      row[this.#column] = one
      this.#column += 1
    }
  }

  obey(letter: string, count: number | undefined): void {
    if (letter === 'A') this.#to(Math.max(this.#row - (count ?? 1), 0))
    else if (letter === 'B') this.#to(this.#row + (count ?? 1))
    else if (letter === 'G') this.#column = (count ?? 1) - 1
    else if (letter === 'K') this.#rows[this.#row]?.splice(count === 2 ? 0 : this.#column)
    else if (letter === 'J') this.#rows.splice(this.#row + 1)
  }

  text(): string {
    return this.#rows.map((row) => row.join('').trimEnd()).join('\n')
  }

  #to(row: number): void {
    while (this.#rows.length <= row) this.#rows.push([])
    this.#row = row
  }
}
