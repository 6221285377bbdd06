import { inert } from '../../domain/redact/inert.ts'

/**
 * A command to GitHub's runner
 * (https://docs.github.com/actions/writing-workflows/choosing-what-your-workflow-does/workflow-commands-for-github-actions). What
 * others say is escaped as the runner's own toolkit does it: it can neither end the line nor begin another command.
 */
export function workflowCommand(name: string, data = '', properties: Readonly<Record<string, string>> = {}): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(value)}`)
  return `::${name}${list.length === 0 ? '' : ` ${list.join(',')}`}::${escaped(data)}`
}

function escaped(text: string): string {
  return inert(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

export interface Annotated {
  readonly code: string
  readonly message: string
  readonly hint: string | null
}

/** `file`: below the repository. */
export interface Place {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** The one annotation of a run that failed, at the line of the project's own file that it comes from, if there is one. */
export function annotation({ code, message, hint }: Annotated, place: Place | undefined): string {
  const { file, line, column } = place ?? {}
  return workflowCommand('error', hint === null ? message : `${message}\nnext: ${hint}`, {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: String(line) }),
    ...(column === undefined ? {} : { col: String(column) }),
    title: code,
  })
}

/** What a verdict's `where` begins with where it means a file: `forge.yaml:4:27`, `.env:14  LOG_LEVEL=verbose (ConfigMap app-env)`. */
export function placeIn(where: string): Place | undefined {
  const [, file, line, column] = /^(?!-)([^\s:][^:\n]*):(\d+)(?::(\d+))?(?=\s|$)/u.exec(where) ?? []
  if (file === undefined) return undefined
  return {
    file,
    line: Number(line),
    ...(column === undefined ? {} : { column: Number(column) }),
  }
}
