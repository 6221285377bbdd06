import type { DeployStatus, StatusDocument, WorkloadState, WorkloadStatus } from '../domain/status/model.ts'
import { agoOf, shortAge } from './ago.ts'
import { fitted } from './fit.ts'
import { cut } from './row.ts'
import { wrap } from './wrap.ts'

const MARKS: Record<WorkloadState, string> = { ready: '✔', progressing: '·', paused: '–', failed: '✖' }

export interface StatusScreen {
  readonly width: number
  /** Milliseconds of the wall clock. */
  readonly now: number
}

/** What `forge status` prints before the verdict: one sentence, the last change, then a table. */
export function statusRows(status: StatusDocument, screen: StatusScreen): string[] {
  return [...headRows(status, screen), ...tableRows(status, screen)]
}

function headRows(status: StatusDocument, { now, width }: StatusScreen): string[] {
  const { sentence, absent, live, last, paused, running, unread, cluster, namespace } = status
  const next = running?.next === undefined ? [] : fitted(`next     ${running.next}`, width)
  return [
    ...wrap(sentence, width),
    ...(absent === undefined ? [] : wrap(absent, width)),
    ...[live, last].flatMap((change) => (change === null ? [] : fitted(changeOf(change, now), width))),
    ...(paused === undefined
      ? []
      : fitted(`paused #${paused.deploy} ${agoOf(now - Date.parse(paused.since))} by ${paused.by}`, width)),
    ...(running === null ? [] : [...wrap(`${running.state}: ${running.text}`, width), ...next]),
    ...unread.flatMap((text) => wrap(`unknown: ${text}`, width)),
    ...fitted(`cluster ${cluster}   namespace ${namespace}`, width),
  ]
}

/** `deployed #42 12 minutes ago by ops@ci`, `rolled back to #41 as #43, just now, by ops@ci` */
function changeOf({ state, number, at, by, code, target }: DeployStatus, now: number): string {
  const why = code === undefined ? '' : `: ${code}`
  const ago = agoOf(now - Date.parse(at))
  if (state === 'rolled-back' && target !== undefined)
    return `rolled back to #${target} as #${number}, ${ago}, by ${by}${why}`
  return `${state} #${number} ${ago} by ${by}${why}`
}

interface Cells {
  readonly stage: string
  readonly name: string
  readonly ready: string
  readonly age: string
  readonly restarts: string
  readonly image: string
}

const HEAD: Cells = {
  stage: 'STAGE',
  name: 'WORKLOAD',
  ready: 'READY',
  age: 'AGE',
  restarts: 'RESTARTS',
  image: 'IMAGE',
}

function tableRows({ stages }: StatusDocument, { now, width }: StatusScreen): string[] {
  const rows = stages.flatMap(({ name, workloads }) =>
    workloads.map((workload, at) => ({ cells: cellsOf(workload, at === 0 ? name : '', now), workload })),
  )
  if (rows.length === 0) return []
  const all = [HEAD, ...rows.map(({ cells }) => cells)]
  const widest = (field: keyof Cells, most: number): number =>
    Math.min(Math.max(...all.map((cells) => cells[field].length)), most)
  const columns = {
    stage: widest('stage', 14),
    name: widest('name', 34),
    ready: widest('ready', 8),
    age: widest('age', 5),
  }
  const longest = widest('image', Number.POSITIVE_INFINITY)
  const indent = 2 + columns.stage + 2
  const line = (mark: string, { stage, name, ready, age, restarts, image }: Cells): string[] => {
    const left = [cut(stage, columns.stage).padEnd(columns.stage), cut(name, columns.name).padEnd(columns.name)]
    const rest = [ready.padEnd(columns.ready), age.padStart(columns.age), restarts.padStart(HEAD.restarts.length)]
    const start = `${mark} ${[...left, ...rest].join('  ')}`
    // Of all workloads in the same place: a column, or a line below the name.
    return start.length + 2 + longest <= width ? [`${start}  ${image}`] : [start, `${' '.repeat(indent)}${image}`]
  }
  return [
    '',
    ...line(' ', HEAD),
    ...rows.flatMap(({ cells, workload }) => [
      ...line(MARKS[workload.state], cells),
      ...notes(workload, indent, width),
    ]),
  ]
}

function cellsOf(
  { object, name, component, state, counts, since, restarts, image }: WorkloadStatus,
  stage: string,
  now: number,
): Cells {
  return {
    stage,
    name: component === undefined ? name : besideObject(name, object),
    ready: object.startsWith('Job/') && state === 'ready' ? 'done' : readyOf(state, counts),
    age: since === undefined ? '-' : shortAge(now - Date.parse(since)),
    restarts: String(restarts),
    image: image ?? '-',
  }
}

/** `postgres (temporal-postgres)`: what people call it, beside the object. */
function besideObject(name: string, object: string): string {
  const own = object.slice(object.indexOf('/') + 1)
  return own === name ? name : `${name} (${own})`
}

function readyOf(state: WorkloadState, counts: WorkloadStatus['counts']): string {
  if (state === 'paused') return 'paused'
  return counts === undefined ? (state === 'ready' ? 'yes' : 'no') : `${counts.ready}/${counts.wanted}`
}

/** Below the row, where there is something to say: why it is not ready, what its pods lag behind. */
function notes({ reason, remark, behind }: WorkloadStatus, indent: number, width: number): string[] {
  const said = [reason, remark].filter((text) => text !== undefined)
  const texts = [...said, ...behind.map((text) => `older: ${text}`)]
  return texts.flatMap((text) => wrap(text, width - indent)).map((text) => `${' '.repeat(indent)}${text}`)
}

/** What is another than before, one line each: for a watch whose output is a log. */
export function changedRows(before: StatusDocument, after: StatusDocument): string[] {
  const known = new Map(before.stages.flatMap(({ workloads }) => workloads.map((one) => [rowOf(one), changeRow(one)])))
  const now = after.stages.flatMap(({ workloads }) => workloads)
  const rows = now.map(changeRow).filter((row, at) => row !== known.get(rowOf(now[at])))
  const runs = after.running === null ? 'nobody deploys now' : `${after.running.state}: ${after.running.text}`
  return [
    ...rows,
    ...(before.running?.state === after.running?.state ? [] : [`· ${runs}`]),
    ...(isSame(before, after) ? [] : [`${after.ready ? '✔' : '·'} ${after.sentence}`]),
  ]
}

/** Two namespaces may have a workload of one name. */
function rowOf(one: Pick<WorkloadStatus, 'object' | 'name'> | undefined): string {
  return `${one?.object ?? ''} ${one?.name ?? ''}`
}

function isSame(before: StatusDocument, after: StatusDocument): boolean {
  return before.ready === after.ready && before.verdict?.message === after.verdict?.message
}

function changeRow({ object, name, state, counts, reason }: WorkloadStatus): string {
  const ready = object.startsWith('Job/') && state === 'ready' ? 'done' : readyOf(state, counts)
  return `${MARKS[state]} ${name} ${ready}${reason === undefined ? '' : `: ${reason}`}`
}
