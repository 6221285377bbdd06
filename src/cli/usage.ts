import { nearest, suggestion } from '../domain/config/nearest.ts'
import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'

/** What the parser knows of a flag, as the class of a command or the manifest has it. */
export interface KnownFlag {
  readonly char?: string | undefined
  readonly type: string
  readonly hidden?: boolean | undefined
}

/** The command whose line is wrong. */
export interface Known {
  /** As it is typed: `secrets apply`. */
  readonly command: string
  readonly flags: Readonly<Record<string, KnownFlag>>
  /** How many arguments it takes. */
  readonly takes: number
}

/** oclif's errors of parsing: some have what they are about, the others say it in their text alone. */
interface ParseError extends Error {
  readonly parse?: unknown
  readonly oclif?: { readonly exit?: number }
  readonly flags?: readonly string[]
  readonly args?: readonly (string | { readonly name?: string; readonly description?: string })[]
}

interface Wrong {
  readonly what: string
  /** The line as it was meant; undefined: what is right is in the help. */
  readonly meant?: readonly string[] | undefined
}

/** What other tools call it. */
const HABITS: Readonly<Record<string, string>> = {
  'auto-approve': 'yes',
  chdir: 'dir',
  cwd: 'dir',
  directory: 'dir',
  environment: 'env',
  'kube-context': 'context',
  lines: 'tail',
  'non-interactive': 'yes',
}

/**
 * What oclif says of a command line, as E_USAGE: one sentence that shows no value of a flag, which may be a secret, and the line that
 * was meant as the hint. `typed`: all words after `forge`. What is no error of parsing is returned as it is.
 */
export function usageError(error: unknown, known: Known, typed: readonly string[]): unknown {
  if (!(error instanceof Error)) return error
  if (error instanceof ForgeError) return new ForgeError(error.code, ofParser(error.message), error.details)
  const wrong = wrongIn(error, known, typed)
  if (wrong === undefined) return error
  const hint = wrong.meant === undefined ? forge(...known.command.split(' '), '--help') : forge(...wrong.meant)
  return new ForgeError('E_USAGE', wrong.what, { hint, where: 'command line' })
}

function wrongIn(error: ParseError, known: Known, typed: readonly string[]): Wrong | undefined {
  const { flags, args = [], message, parse, oclif } = error
  if (parse === undefined && oclif?.exit !== 2) return undefined
  if (flags !== undefined) return unknownFlags(flags, known, typed)
  if (message.startsWith('Unexpected argument')) return tooMany(args.map(String), known, typed)
  if (message.startsWith('Missing ')) return missingArgument(args, known)
  return ofFlag(message, typed) ?? together(message) ?? otherwise(message)
}

/** oclif puts words of its own around what a flag's own parser says. */
function ofParser(message: string): string {
  return message.replace(/^Parsing --\S+ \n\t/u, '').replace(/\nSee more help with --help$/u, '')
}

function unknownFlags(given: readonly string[], known: Known, typed: readonly string[]): Wrong {
  const named = given.map((flag) => flag.split('=')[0] ?? flag)
  const replaced = named.map((flag) => meantFlag(flag, known))
  const [near] = replaced
  const what =
    named.length === 1
      ? `forge ${known.command} has no flag ${named.join('')}${near === undefined ? '' : suggestion(near, [near])}`
      : `forge ${known.command} has no flags ${named.join(', ')}`
  const asJson = named.length === 1 ? jsonInstead(known, typed) : undefined
  if (asJson !== undefined) return { what, meant: asJson }
  if (replaced.includes(undefined)) return { what }
  const meant = typed.map((word) => {
    const [flag = '', ...value] = word.split('=')
    const right = replaced[named.indexOf(flag)]
    return right === undefined ? word : [right, ...value].join('=')
  })
  return { what, meant }
}

/** Of one letter none is guessed: `-x` is no mistyped `-y`. */
function meantFlag(flag: string, { flags }: Known): string | undefined {
  if (!flag.startsWith('--')) return undefined
  const name = flag.slice(2)
  const names = Object.keys(flags).filter((one) => flags[one]?.hidden !== true)
  const habit = HABITS[name]
  const near = habit !== undefined && names.includes(habit) ? habit : nearest(name, names)
  return near === undefined ? undefined : `--${near}`
}

/** `-o json`, as kubectl has it. */
function jsonInstead({ flags }: Known, typed: readonly string[]): string[] | undefined {
  if ('output' in flags) return undefined
  const line = typed.join('\0').replace(/(?<=^|\0)(?:-o|--output)[\0=]?json(?=\0|$)/u, '--json')
  const meant = line.split('\0')
  return meant.includes('--json') ? meant : undefined
}

function tooMany(args: readonly string[], known: Known, typed: readonly string[]): Wrong {
  const [first = ''] = args
  const valued = typed.find((word) => word.startsWith('--') && word.endsWith(`=${first}`))?.split('=')[0] ?? ''
  if (known.flags[valued.slice(2)]?.type === 'boolean')
    return {
      what: `${valued} takes no value`,
      meant: first === 'true' ? typed.map((word) => (word === `${valued}=true` ? valued : word)) : undefined,
    }
  const what = `forge ${known.command} takes ${known.takes === 0 ? 'no argument' : 'no further argument'} ${args.join(' ')}`
  return { what, meant: args.length === 1 ? asEnvironment(first, known, typed) : undefined }
}

/** `forge deploy prod` means `--env prod`, where nothing else can be meant. */
export function asEnvironment(word: string, { flags, takes }: Known, typed: readonly string[]): string[] | undefined {
  const isGiven = typed.some((one) => /^(?:-e|--env(?:=|$))/u.test(one))
  if (takes > 0 || !('env' in flags) || isGiven) return undefined
  const at = typed.lastIndexOf(word)
  return at < 0 ? undefined : [...typed.slice(0, at), '--env', ...typed.slice(at)]
}

function missingArgument(args: NonNullable<ParseError['args']>, { command }: Known): Wrong {
  const needed = args.flatMap((arg) => (typeof arg === 'string' ? [] : [arg]))
  const named = needed.map(({ name = '', description = '' }) => `${name.toUpperCase()} (${description})`)
  return { what: `forge ${command} needs ${named.join(' and ')}` }
}

function ofFlag(message: string, typed: readonly string[]): Wrong | undefined {
  const [, valueless, among] = /^Flag --(\S+) expects (?:a value|one of these values: (.*))$/u.exec(message) ?? []
  if (valueless !== undefined) return { what: `--${valueless} needs a value${among === undefined ? '' : `: ${among}`}` }
  const [, twice] = /^Flag --(\S+) can only be specified once$/u.exec(message) ?? []
  if (twice !== undefined) return { what: `--${twice} is given more than once` }
  const [, flag, input = '', options = ''] =
    /^Expected --([^=\s]+)=(.*) to be one of: (.*)$/su.exec(message.split('\nSee more')[0] ?? '') ?? []
  if (flag !== undefined) return notAmong(`--${flag}`, input, options.split(', '), typed)
  return counted(message)
}

function counted(message: string): Wrong | undefined {
  const [, flag, bound = '', number = ''] =
    /^Parsing --(\S+) \n\tExpected an integer (?:(greater|less) than or equal to (\S+) )?but received: /u.exec(
      message,
    ) ?? []
  if (flag === undefined) return undefined
  const limit = { greater: `, ${number} or more`, less: `, ${number} or less` }[bound] ?? ''
  return { what: `--${flag} takes a whole number${limit}` }
}

function notAmong(flag: string, input: string, options: readonly string[], typed: readonly string[]): Wrong {
  const near = nearest(input, options)
  const at = typed.findIndex((word, index) => index > 0 && word.endsWith(input))
  const word = typed[at]
  return {
    what: `${flag} is one of ${options.join(', ')}, not ${input}`,
    meant:
      near === undefined || word === undefined || input === ''
        ? undefined
        : typed.with(at, `${word.slice(0, -input.length)}${near}`),
  }
}

/** Which flags need, or exclude, which. */
function together(message: string): Wrong | undefined {
  const needed = [...message.matchAll(/All of the following must be provided when using --([\w-]+): (.*)/gu)].map(
    ([, flag = '', others = '']) => `--${flag} needs ${others}`,
  )
  const excluded = [...message.matchAll(/--([\w-]+)=[^]*? cannot also be provided when using --([\w-]+)/gu)].map(
    ([, other = '', flag = '']) => `--${other} cannot be given with --${flag}`,
  )
  const what = [...new Set([...needed, ...excluded])].join('; ')
  return what === '' ? undefined : { what }
}

/** Where oclif's first line only announces what follows, the next one belongs to it, or says it all. */
function otherwise(message: string): Wrong {
  const [first = '', second = ''] = ofParser(message)
    .split('\n')
    .map((line) => line.trim())
  if (!first.endsWith(':')) return { what: first }
  return { what: first.startsWith('The following') ? second : `${first} ${second}` }
}
