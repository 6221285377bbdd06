/**
 * Within quotes and brackets the parser of helm does not look at indentation (libyaml, `flow_level`): a bracket may close
 * in its key's column, and a text may go on in column 0, as helm 4 writes it for post-renderers. The parser here is
 * stricter. This moves such lines to the right; within quotes and brackets that changes no value.
 */
export function reindented(text: string): string {
  return new Reindenter(text).run()
}

const QUOTES = ['"', "'"]
const OPENING = ['{', '[']

class Reindenter {
  private readonly text: string
  private at = 0
  private lineStart = 0
  private done = ''
  private copied = 0
  /** Column of the key or dash that the value at hand belongs to. */
  private parent = -1

  constructor(text: string) {
    this.text = text
  }

  run(): string {
    while (this.at < this.text.length) this.line()
    return this.done + this.text.slice(this.copied)
  }

  /** One line in block style, and all lines that its last value goes on in. */
  private line(): void {
    this.blank()
    while (this.at < this.text.length) {
      const character = this.text[this.at] ?? ''
      if (/[\r\n#]/u.test(character)) break
      const column = this.at - this.lineStart
      if (/[-?:]/u.test(character) && /^.(?:\s|$)/u.test(this.text.slice(this.at, this.at + 2))) {
        this.parent = character === '-' ? column : this.parent
        this.at += 1
      } else if (/[&!*]/u.test(character)) this.skip(/[^\s]+/uy)
      else if (/[|>]/u.test(character)) return this.skipDeeper()
      else if (QUOTES.includes(character)) this.after(column, () => this.quoted(column))
      else if (OPENING.includes(character)) this.after(column, () => this.bracketed(column))
      else if (this.plain(column)) return this.skipDeeper()
      this.blank()
    }
    this.endLine()
  }

  /** What stands before a colon is a key: the next value belongs to it. */
  private after(column: number, read: () => void): void {
    read()
    this.blank()
    if (/^:(?:\s|$)/u.test(this.text.slice(this.at, this.at + 2))) this.parent = column
    else if (!/[\r\n#]/u.test(this.text[this.at] ?? '\n')) this.skip(/[^\r\n]*/uy)
  }

  /** True where it is a value: then deeper lines go on with it. */
  private plain(column: number): boolean {
    this.skip(/(?:[^:#\r\n]|:(?=[^\s])|(?<=\S)#)*/uy)
    if (this.text[this.at] !== ':') return true
    this.parent = column
    return false
  }

  private skipDeeper(): void {
    do this.endLine()
    while (this.at < this.text.length && this.isDeeper())
  }

  private isDeeper(): boolean {
    const [spaces = ''] = /^ */u.exec(this.text.slice(this.at, this.at + 1000)) ?? []
    return spaces.length > this.parent || /[\r\n]/u.test(this.text[this.at + spaces.length] ?? '\n')
  }

  private endLine(): void {
    this.skip(/[^\n]*\n?/uy)
    this.lineStart = this.at
  }

  private quoted(column: number): void {
    const quote = this.text[this.at]
    this.at += 1
    while (this.at < this.text.length) {
      const character = this.text[this.at]
      this.at += 1
      if (character === '\\' && quote === '"') this.at += this.text[this.at] === '\n' ? 0 : 1
      else if (character === quote && quote === "'" && this.text[this.at] === "'") this.at += 1
      else if (character === quote) return
      else if (character === '\n') this.moveLine(column)
    }
  }

  private bracketed(column: number): void {
    let depth = 0
    let begins = true
    while (this.at < this.text.length) {
      const character = this.text[this.at] ?? ''
      if (QUOTES.includes(character) && begins) {
        this.quoted(column)
        begins = false
        continue
      }
      if (character === '#' && /\s/u.test(this.text[this.at - 1] ?? '')) this.skip(/[^\n]*/uy)
      else this.at += 1
      if (character === '\n') this.moveLine(column)
      if (OPENING.includes(character)) depth += 1
      if (character === '}' || character === ']') depth -= 1
      if (depth === 0) return
      if (!/\s/u.test(character)) begins = /[{[,:]/u.test(character)
    }
  }

  /** The line that begins here is moved to the column where its value began. */
  private moveLine(column: number): void {
    this.lineStart = this.at
    const [spaces = ''] = /^ */u.exec(this.text.slice(this.at, this.at + column)) ?? []
    if (spaces.length >= column || /[\r\n]/u.test(this.text[this.at + spaces.length] ?? '')) return
    this.insert(' '.repeat(column - spaces.length))
  }

  /** Tabs between two tokens are spaces, of which the column does not matter. */
  private blank(): void {
    const from = this.at
    this.skip(/[ \t]*/uy)
    if (!this.text.slice(from, this.at).includes('\t')) return
    this.done += this.text.slice(this.copied, from) + ' '.repeat(this.at - from)
    this.copied = this.at
  }

  private insert(more: string): void {
    this.done += this.text.slice(this.copied, this.at) + more
    this.copied = this.at
  }

  private skip(pattern: RegExp): void {
    pattern.lastIndex = this.at
    this.at += pattern.exec(this.text)?.[0].length ?? 0
  }
}
