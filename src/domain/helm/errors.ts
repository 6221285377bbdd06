import { ForgeError } from '../../errors.ts'
import { forge, helm } from '../../hint.ts'

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly startError?: string
  readonly signal?: string
}

/** Helm's own reason as one ForgeError. The value path that a schema rejects is kept in `value`. */
export function translateHelmError(verb: string, ended: Ended): ForgeError {
  if (ended.startError !== undefined) {
    return new ForgeError('E_TOOL_HELM', `helm could not be started: ${ended.startError}`, {
      hint: helm(['version']),
      where: 'helm',
    })
  }
  const reason = ended.signal === undefined ? reasonOf(ended) : `somebody ended it (${ended.signal})`
  const schema = schemaProblems(ended.stderr)
  const [first] = schema
  if (first !== undefined) {
    const more = schema.length > 1 ? ` (and ${schema.length - 1} more)` : ''
    return new ForgeError(
      'E_VALUES_SCHEMA',
      `${first.path === '' ? 'the values' : first.path}: ${first.problem}${more}`,
      {
        hint: forge('validate'),
        where: `values: ${first.path}`,
        value: first.path,
        chain: schema.map(({ path, problem }) => `${path}: ${problem}`),
      },
    )
  }
  if (verb === 'template' || verb === 'show') {
    return new ForgeError('E_CHART_RENDER', `the chart does not render: ${templateReason(reason)}`, {
      hint: forge('render'),
      where: templateOf(reason) ?? 'chart',
    })
  }
  if (/another operation \(install\/upgrade\/rollback\) is in progress/u.test(reason)) {
    return new ForgeError('E_RELEASE_PENDING', 'helm refuses: the release has an operation that never ended', {
      hint: helm(['list', '--all', '--all-namespaces']),
    })
  }
  return new ForgeError('E_HELM', `helm ${verb} failed: ${reason}`, {
    hint: helm(['list', '--all', '--all-namespaces']),
    where: `helm ${verb}`,
  })
}

/** So much of what helm says of one error; of more the first and the last, which are where the reason stands. */
const REASON_LINES = { first: 20, last: 10 } as const

function reasonOf({ stderr, stdout }: Ended): string {
  const lines = (stderr.trim() === '' ? stdout : stderr)
    .split('\n')
    .map((line) => line.trimEnd().replaceAll('\t', '  '))
    .filter((line) => line !== '' && !line.startsWith('Use --debug flag'))
  const at = lines.findLastIndex((line) => line.startsWith('Error: '))
  if (at < 0) return lines.at(-1)?.trim() ?? 'helm gave no reason'
  // `2 errors occurred:` and a template's `fail` go on below; what a rollback says about itself is not the reason.
  const [head = '', ...below] = lines.slice(at)
  return bounded([head.slice('Error: '.length), ...outdented(below)]).join('\n')
}

function bounded(lines: readonly string[]): readonly string[] {
  const { first, last } = REASON_LINES
  const left = lines.length - first - last
  return left <= 1 ? lines : [...lines.slice(0, first), `… ${left} lines more`, ...lines.slice(-last)]
}

/** As far to the left as they go together. */
function outdented(lines: readonly string[]): readonly string[] {
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length))
  return lines.map((line) => line.slice(margin))
}

/** `fail`, `required` and the like arrive wrapped in the path of every template that called them. */
function templateReason(reason: string): string {
  const said = /error calling (?:fail|include|required): (?!.*error calling)(.+)$/su.exec(reason)?.[1]
  return said ?? reason
}

function templateOf(reason: string): string | undefined {
  return /([\w./-]+\/templates\/[\w./-]+:\d+(?::\d+)?)/u.exec(reason)?.[1]
}

interface SchemaProblem {
  readonly path: string
  readonly problem: string
}

/** Lines such as `- at '/app/replicas': got string, want integer` (helm 3.18 and newer, 4) or `- app.replicas: Invalid type…` (before). */
export function schemaProblems(stderr: string): SchemaProblem[] {
  if (!/don't meet the specifications of the schema/u.test(stderr)) return []
  return stderr.split('\n').flatMap((line) => {
    const pointer = /^\s*- at '([^']*)': (.+)$/u.exec(line)
    if (pointer !== null) return unknownKeys(pathOf(pointer[1] ?? ''), pointer[2] ?? '')
    const dotted = /^\s*- ([\w().[\]-]+): (.+)$/u.exec(line)
    return dotted === null ? [] : [{ path: (dotted[1] ?? '').replace('(root)', ''), problem: dotted[2] ?? '' }]
  })
}

/** The schema complains of the map; what its owner looks for is the key that should not be there. */
function unknownKeys(path: string, problem: string): SchemaProblem[] {
  const names = /^additional properties (.+) not allowed$/u.exec(problem)?.[1]
  if (names === undefined) return [{ path, problem }]
  return [...names.matchAll(/'([^']+)'/gu)].map(([, name = '']) => {
    const key = name.replaceAll('.', '\\.')
    return { path: path === '' ? key : `${path}.${key}`, problem: 'the chart knows no such value' }
  })
}

function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~').replaceAll('.', '\\.'))
    .join('.')
}
