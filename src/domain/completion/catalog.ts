import type { Candidate, Catalog, CommandEntry, FlagEntry, Kind } from './model.ts'

/** A command as oclif's manifest has it. */
interface Described {
  readonly summary?: string
  readonly hidden?: boolean
  readonly flags: Readonly<Record<string, DescribedFlag>>
  readonly args: Readonly<Record<string, DescribedArgument>>
}

interface DescribedArgument {
  readonly name: string
  readonly options?: readonly string[]
}

interface DescribedFlag extends DescribedArgument {
  readonly char?: string
  readonly type: string
  readonly summary?: string
  readonly description?: string
  readonly hidden?: boolean
  readonly helpValue?: string
  readonly multiple?: boolean
}

export interface Manifest {
  /** By ids as oclif has them: `secrets:apply`. */
  readonly commands: Readonly<Record<string, Described>>
}

/** What the shells are told, of a manifest and the topics of package.json. */
export function catalogOf(
  { commands }: Manifest,
  topics: Readonly<Record<string, { readonly description: string }>>,
  codes: readonly Candidate[],
): Catalog {
  const shown = Object.entries(commands).filter(([, { hidden }]) => hidden !== true)
  return {
    commands: Object.fromEntries(shown.map(([id, one]) => [id.replaceAll(':', ' '), entryOf(id, one)])),
    topics: Object.fromEntries(Object.entries(topics).map(([name, { description }]) => [name, description])),
    codes,
  }
}

function entryOf(id: string, { summary = '', flags, args }: Described): CommandEntry {
  return {
    summary,
    flags: Object.values(flags)
      .filter(({ hidden }) => hidden !== true)
      .map((flag) => flagOf(id, flag)),
    args: Object.values(args).map((one) => kindOf(id, one, ARGUMENTS)),
  }
}

function flagOf(id: string, flag: DescribedFlag): FlagEntry {
  const { name, char, type, summary, description = '', multiple = false } = flag
  return {
    name,
    ...(char === undefined ? {} : { char }),
    summary: summary ?? description,
    ...(type === 'boolean' ? {} : { takes: kindOf(id, flag, FLAGS) }),
    ...(multiple ? { many: true } : {}),
  }
}

/** By the name, where it means the same everywhere; `TOPIC NAME` where it does not. */
const FLAGS: Readonly<Record<string, Kind>> = {
  env: 'environment',
  release: 'release',
  'images only': 'image',
  'secrets only': 'secret',
  'secrets force': 'secret',
}

const ARGUMENTS: Readonly<Record<string, Kind>> = {
  code: 'code',
  component: 'component',
  number: 'deploy',
  secret: 'secret',
}

/** By what `--help` says that it takes. */
const VALUES: Readonly<Record<string, Kind>> = { DIR: 'folder', ENV: 'environment', FILE: 'file' }

function kindOf(
  id: string,
  { name, options, helpValue = '' }: DescribedArgument & { readonly helpValue?: string },
  known: Readonly<Record<string, Kind>>,
): Kind {
  return options ?? known[`${id.split(':')[0] ?? ''} ${name}`] ?? known[name] ?? VALUES[helpValue] ?? 'text'
}
