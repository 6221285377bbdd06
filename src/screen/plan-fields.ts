import { HIDDEN, type PlannedObject } from '../domain/plan/document.ts'
import type { FieldChange } from '../domain/plan/model.ts'
import { shortImage } from '../domain/plan/restarts.ts'
import { cut } from './row.ts'

/** Hashes that restart a workload: what they stand for is told under `Restart`. */
const RESTART_MARK = /^spec\.template\.metadata\.annotations\.'forge\.api-forge\.io\/(?:configmap|secret)-/u
const SHOWN = 44

export interface FieldRow {
  readonly field: string
  readonly text: string
  readonly at: string | undefined
  /** Of a text of several lines, with `--full`. */
  readonly lines?: readonly string[]
}

export function fieldRows({ changes }: Pick<PlannedObject, 'changes'>, full: boolean): FieldRow[] {
  if (full) return changes.map((change) => ({ ...rowOf(change, true), field: change.path }))
  const shown = changes.filter(({ path }) => !RESTART_MARK.test(path))
  const labels = shown.filter(isAddedLabel)
  if (labels.length < MANY_LABELS) return shown.map((change) => rowOf(change, false))
  const names = labels.map(({ path }) => shortField(path).replace(/^app\.kubernetes\.io\//u, ''))
  const row = { field: 'labels', text: `added ${names.join(', ')}`, at: undefined }
  return [row, ...shown.filter((change) => !isAddedLabel(change)).map((change) => rowOf(change, false))]
}

/** As many as a chart gives all of its objects, and the old ones had not: they are one thing to people. */
const MANY_LABELS = 4

function isAddedLabel({ path, before }: FieldChange): boolean {
  return before === undefined && path.startsWith('metadata.labels.')
}

function rowOf(change: FieldChange, full: boolean): FieldRow {
  const { path, before, after, at } = change
  const field = shortField(path)
  if (before === HIDDEN || after === HIDDEN) return { field, text: `${wordOf(change)} (value not shown)`, at }
  if (isText(before) && isText(after)) {
    if (before.includes('\n') || after.includes('\n')) return textRow(change, before, after, full)
    if (!full && field.endsWith('image')) return { field, text: images(before, after), at }
  }
  const limits = full ? undefined : /\.resources\.(limits|requests)\.[\w-]+$/u.exec(path)?.[1]
  const text = fromTo(change, full)
  return { field, text: limits === undefined ? text : `${limits} ${text}`, at }
}

function fromTo({ before, after }: FieldChange, full: boolean): string {
  if (before === undefined) return `added ${plain(after, full)}`
  return after === undefined ? `removed (was ${plain(before, full)})` : `${plain(before, full)} → ${plain(after, full)}`
}

function wordOf({ before, after }: FieldChange): string {
  return before === undefined ? 'is added' : after === undefined ? 'is removed' : 'changes'
}

function textRow({ path, at }: FieldChange, before: string, after: string, full: boolean): FieldRow {
  const [old, now] = [before.split('\n'), after.split('\n')]
  const lines = changedLines(old, now)
  const [added, removed] = ['+', '-'].map((mark) => lines.filter((line) => line.startsWith(mark)).length)
  const text = lines.length === 0 ? 'white space changes' : `+${added ?? 0} -${removed ?? 0} lines`
  return { field: shortField(path), text, at, ...(full ? { lines } : {}) }
}

/** The lines between the common beginning and the common end of two texts. */
function changedLines(old: readonly string[], now: readonly string[]): string[] {
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1
  let end = 0
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end += 1
  const removed = old.slice(start, old.length - end).map((line) => `- ${line}`)
  return [...removed, ...now.slice(start, now.length - end).map((line) => `+ ${line}`)]
}

/** `memory`, `image`, `LOG_LEVEL`, `env DEBUG`, `replicas`: as people speak of a field. */
export function shortField(path: string): string {
  const resource = /\.resources\.(?:limits|requests)\.([\w-]+)$/u.exec(path)?.[1]
  if (resource !== undefined) return resource
  const entry = /^(?:data|binaryData|stringData)\.(.+)$/u.exec(path)?.[1]
  if (entry !== undefined) return entry.replaceAll("'", '')
  const note = /(?:^|\.)(?:annotations|labels)\.(.+)$/u.exec(path)?.[1]
  if (note !== undefined) return note.replaceAll("'", '')
  const inner = path
    .replace(/^spec\.template\.(?:spec\.)?|^spec\./u, '')
    .replace(/^(?:init)?[cC]ontainers\[[^\]]*\]\.(?=.)/u, '')
  const item = /^(env|volumeMounts|ports|volumes)\[([^\]]*)\]/u.exec(inner)
  return item === null ? inner : `${item[1] ?? ''} ${item[2] ?? ''}`
}

/** `…/app@1f3c9a2e → 8be0417d`: of two builds of one image only what tells them apart is said twice. */
function images(before: string, after: string): string {
  const [from, to] = [image(before), image(after)]
  const same = repositoryOf(before) === repositoryOf(after) && shortImage(after) !== after
  return `${from} → ${same ? shortImage(after) : to}`
}

function repositoryOf(ref: string): string {
  return ref.replace(/@.*$/u, '').replace(/:[^/:]+$/u, '')
}

function image(ref: string): string {
  const name = /([^/@:]+)(?:[:@].*)?$/u.exec(ref.replace(/@sha256:.*$/u, ''))?.[1] ?? ref
  const short = shortImage(ref)
  if (short === ref) return ref
  return `${ref.includes('/') ? '…/' : ''}${name}${ref.includes('@sha256:') ? '@' : ':'}${short}`
}

export function plain(value: unknown, full: boolean): string {
  const inner = full ? value : variableOf(value)
  const text = typeof inner === 'string' ? (inner === '' ? '""' : inner) : JSON.stringify(inner)
  return full ? text : cut(text.replace(/\s+/gu, ' '), SHOWN)
}

/** An environment variable is told by its value: its name stands before it. */
function variableOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { name, value: text, ...rest } = value as Readonly<Record<string, unknown>>
  return name !== undefined && typeof text === 'string' && Object.keys(rest).length === 0 ? text : value
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
