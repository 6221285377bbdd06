import type { Candidate, Catalog, CommandEntry, Completion, FlagEntry, Kind, Typed } from './model.ts'

/** `words`: what was typed after `forge`; the last of them is to be completed, and may be empty. */
export function complete(words: readonly string[], catalog: Catalog): Completion {
  const before = words.slice(0, -1)
  const word = words.at(-1) ?? ''
  const found = commandOf(before, catalog)
  if (found === undefined) return starting(commandWords(before, catalog), word)
  const line = read(before.slice(found.taken), found.command)
  const sought = soughtBy(word, line, found.command)
  if (sought === 'flags') return starting(flagWords(found.command, line.used), word)
  const { kind, lead } = sought
  if (kind === 'file' || kind === 'folder') return { paths: kind }
  if (kind === 'text') return { candidates: [] }
  if (typeof kind === 'string') return { kind, lead, word, typed: line.typed }
  return starting(
    kind.map((one) => [`${lead}${one}`, '']),
    word,
  )
}

/** Those of the names that fit what was typed. */
export function fitting(
  names: readonly Candidate[],
  { lead, word }: { readonly lead: string; readonly word: string },
): readonly Candidate[] {
  return names.map(([name, about]): Candidate => [`${lead}${name}`, about]).filter(([name]) => name.startsWith(word))
}

function starting(candidates: readonly Candidate[], word: string): Completion {
  return { candidates: fitting(candidates, { lead: '', word }) }
}

interface Found {
  readonly command: CommandEntry
  readonly taken: number
}

function commandOf(words: readonly string[], { commands }: Catalog): Found | undefined {
  for (const taken of [2, 1]) {
    const command = words.length < taken ? undefined : commands[words.slice(0, taken).join(' ')]
    if (command !== undefined) return { command, taken }
  }
  return undefined
}

/** The next word of a command, of which `before` was typed. */
function commandWords(before: readonly string[], { commands, topics }: Catalog): Candidate[] {
  const lead = before.map((word) => `${word} `).join('')
  const next = new Map<string, string>()
  for (const [name, { summary }] of Object.entries(commands)) {
    if (!name.startsWith(lead)) continue
    const [word = '', below] = name.slice(lead.length).split(' ')
    next.set(word, below === undefined ? summary : (topics[word] ?? ''))
  }
  return [...next]
}

interface Line {
  readonly used: ReadonlySet<string>
  readonly args: number
  /** A flag that waits for its value. */
  readonly open: FlagEntry | undefined
  readonly typed: Typed
}

function read(words: readonly string[], { flags }: CommandEntry): Line {
  const used = new Set<string>()
  let args = 0
  let open: FlagEntry | undefined
  const typed: Record<string, string> = {}
  const keep = (flag: FlagEntry, value: string): void => {
    if (flag.name === 'env') typed['environment'] = value
    if (flag.name === 'dir') typed['dir'] = value
  }
  for (const word of words) {
    if (open !== undefined) {
      keep(open, word)
      open = undefined
      continue
    }
    const [name = '', ...value] = word.split('=')
    const flag = flags.find((one) => name === `--${one.name}` || (one.char !== undefined && name === `-${one.char}`))
    if (flag === undefined) args += word.startsWith('-') ? 0 : 1
    else {
      used.add(flag.name)
      if (value.length > 0) keep(flag, value.join('='))
      else if (flag.takes !== undefined) open = flag
    }
  }
  return { used, args, open, typed }
}

function soughtBy(
  word: string,
  { args, open }: Line,
  command: CommandEntry,
): 'flags' | { readonly kind: Kind; readonly lead: string } {
  if (open !== undefined) return { kind: open.takes ?? 'text', lead: '' }
  const assigned = /^--(?<name>[\w-]+)=/u.exec(word)
  if (assigned !== null) {
    const flag = command.flags.find(({ name }) => name === assigned.groups?.['name'])
    return { kind: flag?.takes ?? 'text', lead: assigned[0] }
  }
  const kind = command.args[args]
  return word.startsWith('-') || kind === undefined ? 'flags' : { kind, lead: '' }
}

function flagWords({ flags }: CommandEntry, used: ReadonlySet<string>): Candidate[] {
  return flags
    .filter(({ name, many }) => many === true || !used.has(name))
    .map(({ name, summary }): Candidate => [`--${name}`, summary])
}
