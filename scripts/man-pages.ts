// Manual pages of section 1, of the same manifest that `--help` is made of: `man forge`, `man forge-deploy`.
import remarkMan from 'remark-man'
import remarkParse from 'remark-parse'
import { unified } from 'unified'

interface Flag {
  readonly name: string
  readonly type: string
  readonly char?: string
  readonly helpValue?: string
  readonly helpGroup?: string
  readonly options?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly default?: string | number | boolean
  readonly hidden?: boolean
}

interface Argument {
  readonly name: string
  readonly required?: boolean
  readonly description?: string
}

type Example = string | { readonly command: string }

interface Described {
  /** `secrets:apply` */
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly group?: string
  readonly hidden?: boolean
  readonly flags: Readonly<Record<string, Flag>>
  readonly args: Readonly<Record<string, Argument>>
  readonly examples?: readonly Example[]
}

/** As it is typed. */
type Command = Described & { readonly words: string }

export interface PagesOf {
  /** Of oclif. */
  readonly manifest: { readonly commands: Readonly<Record<string, Described>> }
  readonly topics: Readonly<Record<string, { readonly description: string }>>
  readonly groups: readonly string[]
  readonly version: string
  readonly description: string
}

export interface Page {
  readonly file: string
  readonly text: string
}

/** A page for forge, and one for each command. */
export function manPages({ manifest, topics, groups, version, description }: PagesOf): Page[] {
  const commands = Object.values(manifest.commands)
    .filter(({ hidden }) => hidden !== true)
    .map((command): Command => ({ ...command, words: command.id.replaceAll(':', ' ') }))
  const page = (name: string, markdown: string): Page => ({ file: `${name}.1`, text: roff(name, markdown, version) })
  return [
    page('forge', front(commands, { topics, groups, description })),
    ...commands.map((command) => page(pageName(command), commandPage(command))),
  ]
}

/** The same for the same version: no day of its making. */
function roff(name: string, markdown: string, version: string): string {
  const options = { name, section: 1, version: `forge ${version}`, manual: 'forge' }
  const dated = String(unified().use(remarkParse).use(remarkMan, options).processSync(markdown))
  const text = dated.replace(/^(\.TH "[^"]*" "1") "[^"]*"/mu, '$1 ""')
  // A line of a text that begins like a request would be one.
  return text.replaceAll(/^(?=\.(?!(?:TH|SH|SS|P|IP|RS|RE|nf|fi)\b)|')/gmu, String.raw`\&`)
}

const pageName = ({ words }: Command): string => `forge-${words.replaceAll(' ', '-')}`

function front(
  commands: readonly Command[],
  { topics, groups, description }: Pick<PagesOf, 'topics' | 'groups' | 'description'>,
): string {
  const groupOf = ({ words, group }: Command): string | undefined => (words.includes(' ') ? words.split(' ')[0] : group)
  const sections = groups.map((group) => {
    const rows = commands
      .filter((one) => groupOf(one) === group)
      .map((one) => item(`**forge-${one.words.replaceAll(' ', '-')}**(1)`, one.summary))
    const about = topics[group]?.description
    return [`### ${group}`, ...(about === undefined ? [] : [escape(about)]), rows.join('\n')].join('\n\n')
  })
  return [
    `# forge(1) -- ${escape(description)}`,
    '## SYNOPSIS',
    '**forge** *COMMAND* [*FLAGS*]',
    '## COMMANDS',
    ...sections,
    '## EXIT STATUS',
    EXITS.map(([status, meaning]) => item(`**${String(status)}**`, meaning)).join('\n'),
    '## FILES',
    FILES.map(([file, meaning]) => item(`*${file}*`, meaning)).join('\n'),
    '## SEE ALSO',
    '**helm**(1), **kubectl**(1); `forge COMMAND --help`, `forge explain CODE`',
  ].join('\n\n')
}

/** docs/design.md, "Exit status"; held together by test/unit/man-pages.test.ts. */
export const EXITS: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'done'],
  [1, 'a bug in forge, or its machine refused it something'],
  [2, 'usage or forge.yaml invalid'],
  [3, 'a prerequisite, secret, image or preview check failed; nothing outside of forge’s own state was changed'],
  [4, 'the deploy failed and the previous state was restored'],
  [5, 'the deploy failed and the previous state was not restored'],
  [6, 'another deploy holds the lock'],
  [7, 'the cluster cannot be reached or refuses the credentials'],
]

const FILES = [
  ['forge.yaml', 'the project: what is deployed, where to, and how it is known that all is well'],
  ['~/.local/state/forge', 'evidence of failures, logs of runs, sandboxes'],
  ['~/.cache/forge', 'programs that were fetched or built'],
]

function commandPage({ words, summary = '', description = '', flags, args, examples = [] }: Command): string {
  const shown = Object.values(flags).filter(({ hidden }) => hidden !== true)
  const byGroup = Map.groupBy(shown, ({ helpGroup = 'FLAGS' }) => helpGroup)
  const inOrder = [...byGroup].toSorted(([one], [other]) => rank(one) - rank(other))
  const operands = Object.values(args)
  const synopsis = [
    `**forge ${words}**`,
    ...operands.map(({ name, required }) => (required ? `*${name.toUpperCase()}*` : `[*${name.toUpperCase()}*]`)),
    '[*FLAGS*]',
  ]
  return [
    `# forge-${words.replaceAll(' ', '-')}(1) -- ${escape(summary)}`,
    '## SYNOPSIS',
    synopsis.join(' '),
    '## DESCRIPTION',
    escape(`${summary} ${description}`.trim()).split('\n').join('\n\n'),
    ...(operands.length === 0
      ? []
      : ['## ARGUMENTS', operands.map((one) => item(`*${one.name.toUpperCase()}*`, one.description)).join('\n')]),
    ...inOrder.flatMap(([group, some]) => [`## ${group}`, some.map(option).join('\n')]),
    ...(examples.length === 0 ? [] : ['## EXAMPLES', ['```', ...examples.map(example), '```'].join('\n')]),
    '## SEE ALSO',
    '**forge**(1)',
  ].join('\n\n')
}

/** What is the command's own comes first, what all have last. */
const rank = (group: string): number => ['FLAGS', 'PROJECT', 'CLUSTER', 'UNTRUSTED CHECKOUT', 'GLOBAL'].indexOf(group)

function option({ name, char, type, helpValue, options, summary, description = '', default: usual }: Flag): string {
  const value = type === 'boolean' ? '' : ` *${escape(helpValue ?? options?.join('|') ?? name.toUpperCase())}*`
  const names = [...(char === undefined ? [] : [`**-${char}**`]), `**--${name}**`].join(', ')
  const told = summary ?? description
  const preset = usual === undefined || usual === false ? '' : ` (default: ${String(usual)})`
  return item(`${names}${value}`, `${told}${preset}`)
}

const example = (one: Example): string =>
  `$ ${(typeof one === 'string' ? one : one.command).replaceAll('<%= config.bin %>', 'forge')}`

const item = (term: string, text = ''): string => `- ${term}: ${escape(text)}`

/** What is no Markdown: `_forge`, `*`, `<NAME>`. */
function escape(text: string): string {
  return text.replaceAll('<%= config.bin %>', 'forge').replaceAll(/[\\`*_[\]<>|]/gu, String.raw`\$&`)
}
