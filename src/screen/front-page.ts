import { wrap } from './wrap.ts'

/** A command as a list of them shows it. */
export interface Listed {
  /** As it is typed after `forge`. */
  readonly name: string
  readonly summary: string
  /** Undefined: it has said none. */
  readonly group: string | undefined
}

const INDENT = '  '

/** All commands by what people do with them: `groups` in this order, then what is in none of them. */
export function commandPage(commands: readonly Listed[], groups: readonly string[]): string[] {
  const width = Math.max(0, ...commands.map(({ name }) => name.length))
  const placed = (heading: string): readonly Listed[] =>
    commands.filter(({ group }) => (group !== undefined && groups.includes(group) ? group : 'more') === heading)
  const blocks = [...groups, 'more'].flatMap((heading) => {
    const rows = commandRows(placed(heading), width)
    return rows.length === 0 ? [] : [heading.toUpperCase(), ...rows, '']
  })
  return [
    'Deploys to Kubernetes through Helm: the new state, proven, or the old one again.',
    '',
    ...blocks,
    'Flags and examples of a command: forge help deploy',
    'What a code of an error means:   forge explain E_IMAGE_PULL',
  ]
}

/** One line each, in the order of the alphabet. */
export function commandRows(commands: readonly Listed[], width?: number): string[] {
  const column = width ?? Math.max(0, ...commands.map(({ name }) => name.length))
  return commands
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, summary }) => `${INDENT}${name.padEnd(column)}  ${summary}`)
}

const ABOUT =
  'forge deploys a stack to Kubernetes through Helm: it reaches the new state and proves it, or returns to the old one and says why.'

/** `forge` alone. `next`: a command. */
export function frontPage(next: string, width: number): string[] {
  return [...wrap(ABOUT, width), 'All commands: forge --help   One of them: forge help deploy', `next     ${next}`]
}
