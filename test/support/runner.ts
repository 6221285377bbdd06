/**
 * What GitHub's runner takes for a command, by its own rules (actions/runner: ActionCommand.cs, ActionCommandManager.cs). It
 * reads lines that end in `\n`, `\r` or both; .NET compares as people read, so what cannot be seen is tried without, too.
 */
export interface RunnerCommand {
  readonly name: string
  readonly data: string
}

/** Of .NET (Char.IsWhiteSpace): not quite that of JavaScript. */
const BLANK = /^[\t-\r\u0085\p{Zs}\p{Zl}\p{Zp}]+/u
const IGNORED = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

const COMMANDS = new Set(
  (
    'add-mask add-matcher add-path debug echo endgroup error group internal-set-repo-path notice remove-matcher save-state ' +
    'set-env set-output stop-commands warning'
  ).split(' '),
)

/** Reads output as a runner does, from its first line on. */
export class Runner {
  readonly obeyed: RunnerCommand[] = []
  #token: string | undefined

  read(output: string): this {
    for (const line of output.split(/\r\n|\r|\n/u)) this.#process(line)
    return this
  }

  /** Does it wait for a token, and obeys nothing until it comes? */
  get isStopped(): boolean {
    return this.#token !== undefined
  }

  #process(line: string): void {
    const found = this.commandIn(line)
    if (found === undefined) return
    if (this.#token !== undefined) {
      if (found.name.toLowerCase() === this.#token.toLowerCase()) this.#token = undefined
      return
    }
    if (found.name.toLowerCase() === 'stop-commands') this.#token = found.data
    else this.obeyed.push(found)
  }

  commandIn(line: string): RunnerCommand | undefined {
    for (const read of [line, line.replaceAll(IGNORED, '')]) {
      const found = this.#second(read) ?? this.#first(read)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** `::name key=value::data`, at the beginning of the line. */
  #second(line: string): RunnerCommand | undefined {
    const text = line.replace(BLANK, '')
    const end = text.indexOf('::', 2)
    if (!text.startsWith('::') || end < 0) return undefined
    return this.#known(text.slice(2, end), text.slice(end + 2))
  }

  /** `##[name key=value]data`, anywhere in the line. */
  #first(line: string): RunnerCommand | undefined {
    const start = line.indexOf('##[')
    const end = line.indexOf(']', start)
    if (start < 0 || end < 0) return undefined
    return this.#known(line.slice(start + 3, end), line.slice(end + 1))
  }

  #known(info: string, data: string): RunnerCommand | undefined {
    const [name = ''] = info.split(' ')
    const isKnown = COMMANDS.has(name.toLowerCase()) || name.toLowerCase() === this.#token?.toLowerCase()
    return isKnown ? { name, data } : undefined
  }
}

/** What a terminal would obey, or what deceives whoever reads: each as its code. Empty where all can be seen. */
export function live(output: string): string[] {
  const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu
  const seen = output.replaceAll(
    /\p{Extended_Pictographic}[\uFE0F\u{1F3FB}-\u{1F3FF}]*\u200D(?=\p{Extended_Pictographic})/gu,
    '',
  )
  return [...seen.matchAll(unseen)]
    .map(([one]) => one)
    .filter((one) => one !== '\n' && one !== '\t')
    .map(codeOf)
}

function codeOf(one: string): string {
  return (one.codePointAt(0) ?? 0).toString(16)
}
