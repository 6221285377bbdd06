import type { Group, Mark } from '../domain/doctor/model.ts'
import { GROUPS } from '../domain/doctor/model.ts'
import { counted } from './counted.ts'
import { wrap, wrapCommand } from './wrap.ts'

export interface ShownLine {
  readonly group: Group
  readonly state: Mark
  readonly text: string
  readonly code: string | null
  readonly where: string | null
  readonly hint: string | null
  readonly brief: boolean
}

export interface DoctorDocument {
  readonly apiVersion: 'forge/v1'
  readonly command: 'doctor'
  readonly project: string
  readonly environment: string
  readonly namespace: string
  /** False: something would make a deploy fail. */
  readonly ready: boolean
  readonly counts: Readonly<Record<Mark, number>>
  readonly lines: readonly ShownLine[]
  readonly next: string
}

const MARKS: Readonly<Record<Mark, string>> = { ok: '✔', warning: '!', problem: '✖', unchecked: '?' }
/** What is to be mended stands first. */
const ORDER: readonly Mark[] = ['problem', 'warning', 'unchecked', 'ok']
const LABEL = 10
const INDENT = LABEL + 3
/** A mark and a blank before each text. */
const TEXT = 2

/** Grouped; below what is wrong, how to mend it; the last line says what to do next. */
export function doctorRows(found: DoctorDocument, width: number, commandWidth = width): string[] {
  const { environment, namespace, project } = found
  const groups = GROUPS.flatMap((group) => groupRows(group, found.lines, width, commandWidth))
  return [`${project} in ${environment} (namespace ${namespace})`, '', ...groups, '', ...endRows(found, width)]
}

function groupRows(group: Group, all: readonly ShownLine[], width: number, commandWidth: number): string[] {
  const lines = all.filter((line) => line.group === group)
  const brief = lines.filter(({ brief: isBrief }) => isBrief).map(({ text }) => text)
  const own = lines
    .filter(({ brief: isBrief }) => !isBrief)
    .toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))
  const rows = [
    // What mends several is said once, below the last of them.
    ...own.flatMap((line, at) =>
      lineRows(line.hint === own[at + 1]?.hint ? { ...line, hint: null } : line, width, commandWidth),
    ),
    ...(brief.length === 0 ? [] : marked('ok', brief.join(', '), width)),
  ]
  return rows.map((row, at) => `${(at === 0 ? group : '').padEnd(LABEL)} ${row}`)
}

function lineRows({ state, text, hint }: ShownLine, width: number, commandWidth: number): string[] {
  const next =
    hint === null || state === 'ok'
      ? []
      : wrapCommand(hint, commandWidth - INDENT - TEXT).map((row, at) => `  ${at === 0 ? '→' : ' '} ${row}`)
  return [...marked(state, state === 'unchecked' ? `not checked: ${text}` : text, width), ...next]
}

function marked(state: Mark, text: string, width: number): string[] {
  const lines = text.split('\n').flatMap((line) => wrap(line.trim(), width - INDENT))
  return lines.map((line, at) => `${at === 0 ? MARKS[state] : ' '} ${line}`)
}

function endRows({ counts: { problem, warning, unchecked }, next }: DoctorDocument, width: number): string[] {
  const said = [
    problem === 0 ? 'nothing found that would make a deploy fail' : `${counted(problem, 'problem')} to mend first`,
    ...(warning === 0 ? [] : [counted(warning, 'warning')]),
    ...(unchecked === 0 ? [] : [`${unchecked} not checked`]),
  ]
  return [...wrap(said.join(', '), width), `next       ${next}`]
}
