import { nearest, suggestion } from '../domain/config/nearest.ts'
import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import { asEnvironment, type Known } from './usage.ts'

/** What other tools call it. */
const HABITS: Readonly<Record<string, string>> = {
  apply: 'deploy',
  delete: 'uninstall',
  destroy: 'uninstall',
  diff: 'plan',
  install: 'deploy',
  lint: 'validate',
  ps: 'status',
  template: 'render',
  undo: 'rollback',
  unlock: 'recover',
  upgrade: 'deploy',
}

/** `typed` begins with no command that there is: what was meant, as the hint. */
export function unknownCommand(typed: readonly string[], commands: readonly Known[]): ForgeError {
  const asked = typed[0] === 'help' ? ['help'] : []
  const rest = typed.slice(asked.length)
  const end = rest.findIndex((word) => word.startsWith('-'))
  const words = rest.slice(0, end < 0 ? rest.length : end)
  if (words.length === 0) return commandLast(rest, commands)
  const known = commands.find(({ command }) => startsWith(words, command.split(' ')))
  if (known !== undefined) {
    const extra = words.slice(known.command.split(' ').length)
    const meant = extra.length === 1 ? asEnvironment(extra.join(''), known, typed) : undefined
    return refused(`forge ${known.command} takes no argument ${extra.join(' ')}`, meant ?? [known.command, '--help'])
  }
  const { meant, taken } = meantBy(words, commands)
  const said = words.slice(0, Math.max(taken, 1)).join(' ')
  if (meant === undefined) return refused(`there is no command ${words.join(' ')}`, ['--help'])
  const what = `there is no command ${said}${suggestion(meant, [meant])}`
  const command = commands.find((one) => one.command === meant)
  const line = [...asked, ...meant.split(' '), ...rest.slice(taken)]
  const [extra] = words.slice(taken)
  if (command === undefined) return refused(what, [meant, '--help'])
  return refused(what, (extra === undefined ? undefined : asEnvironment(extra, command, line)) ?? line)
}

/** `forge --env prod deploy`: the words of the command go to the front. */
function commandLast(typed: readonly string[], commands: readonly Known[]): ForgeError {
  for (const { command } of commands) {
    const words = command.split(' ')
    const at = typed.findIndex((_, index) => startsWith(typed.slice(index), words))
    if (at >= 0)
      return refused('the command comes first, then its flags', [
        ...words,
        ...typed.slice(0, at),
        ...typed.slice(at + words.length),
      ])
  }
  return refused(`no command is named before ${typed[0]?.split('=')[0] ?? ''}`, ['--help'])
}

/** The command or topic, and how many of the words stand for it. */
function meantBy(
  [first = '', second]: readonly string[],
  commands: readonly Known[],
): { readonly meant: string | undefined; readonly taken: number } {
  const names = commands.map(({ command }) => command)
  const topics = [...new Set(names.flatMap((name) => (name.includes(' ') ? [name.split(' ')[0] ?? ''] : [])))]
  const topic = nearest(first, topics)
  if (topic !== undefined && second !== undefined) {
    const below = names.flatMap((name) => (name.startsWith(`${topic} `) ? [name.slice(topic.length + 1)] : []))
    const command = nearest(second, below)
    if (command !== undefined) return { meant: `${topic} ${command}`, taken: 2 }
    if (topics.includes(first)) return { meant: topic, taken: 2 }
  }
  const single = names.filter((name) => !name.includes(' '))
  return { meant: HABITS[first] ?? nearest(first, [...single, ...topics]), taken: 1 }
}

function startsWith(words: readonly string[], command: readonly string[]): boolean {
  return command.every((word, at) => words[at] === word)
}

function refused(what: string, line: readonly string[]): ForgeError {
  return new ForgeError('E_USAGE', what, {
    hint: forge(...line.flatMap((word, at) => (at === 0 ? word.split(' ') : [word]))),
    where: 'command line',
  })
}
