import type { JournalEntry } from '../../domain/journal/model.ts'
import type { JournalTimes, TimedStep } from '../../domain/journal/times.ts'
import { operationText, stepDetail } from '../operation.ts'
import { markup, type Html } from './html.ts'
import type { Room } from './room.ts'
import { podKey, timelineTable, workloadLines, type Line, type Span } from './timeline.ts'

const MARKS = { done: undefined, skipped: '– not reached', failed: '✖ failed' } as const
const PAINTS = { done: 'ok', skipped: 'skip-bar', failed: 'fail' } as const

type Timed = Pick<JournalEntry, 'times' | 'steps' | 'namespace' | 'startedAt' | 'endedAt'>

/** Steps, stages with their workloads, and pods; of an entry without times what was written, which the journal always has. */
export function timelineSection(entry: Timed, room: Room): Html {
  const { times, steps } = entry
  if (times === undefined || times.steps.length === 0) {
    return markup`<section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <p>
        The journal has no times of steps and pods of it: an older forge wrote it, it was cut off, or it waited for no
        pods.${steps.length === 0 ? '' : ' What it wrote, and when, is told below.'}
      </p>
    </section>`
  }
  const lines = linesOf(times, entry.namespace, room)
  const left = (times.more ?? 0) + Math.max(times.workloads.length - room.workloads, 0)
  return markup`<section aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <p>
      When forge saw it, by the clock of its machine.${left === 0 ? '' : ` ${left} more workloads are not told of.`}
    </p>
    ${podKey()} ${timelineTable(lines, spanOf(lines), 'Steps, workloads and pods; seconds since the first step.')}
  </section>`
}

function linesOf({ steps, workloads }: JournalTimes, home: string, room: Room): Line[] {
  const end = Math.max(...steps.map((step) => endOf(step)))
  const told = workloads.slice(0, room.workloads)
  const lines = steps.flatMap((step) => {
    const own = step.isStage === true ? told.filter(({ stage }) => stage === step.name) : []
    const span = { from: Date.parse(step.startedAt), ms: step.seconds * 1000 }
    return [lineOf(step), ...own.flatMap((one) => workloadLines(one, span, home, end))]
  })
  // A stage that was not reached has no step of its own.
  const known = new Set(steps.flatMap(({ name, isStage }) => (isStage === true ? [name] : [])))
  const span = { from: end, ms: 0 }
  const others = told.filter(({ stage, pods }) => !known.has(stage) && pods.length > 0)
  return [...lines, ...others.flatMap((one) => workloadLines(one, span, home, end))]
}

function lineOf(step: TimedStep): Line {
  const { name, outcome, startedAt, isStage } = step
  const from = Date.parse(startedAt)
  const to = endOf(step)
  const mark = MARKS[outcome]
  return {
    name: isStage === true ? `Stage ${name}` : name,
    depth: isStage === true ? 'stage' : 'flat',
    ...(mark === undefined ? {} : { mark }),
    says: [],
    ...{ from, to, pieces: [{ from, to, paint: PAINTS[outcome] }] },
  }
}

function endOf({ startedAt, seconds }: TimedStep): number {
  return Date.parse(startedAt) + seconds * 1000
}

function spanOf(lines: readonly Line[]): Span {
  const from = Math.min(...lines.map((line) => line.from))
  const to = Math.max(...lines.flatMap((line) => [line.to ?? line.from, ...line.pieces.map((piece) => piece.to)]))
  return { from, ms: Math.max(to - from, 1) }
}

/** What it wrote, as the journal had it before and after. */
export function writtenSection({ steps }: Pick<JournalEntry, 'steps'>, room: Room): Html | undefined {
  if (steps.length === 0) return undefined
  const [first] = steps
  const begin = Date.parse(first?.startedAt ?? '')
  const shown = steps.slice(0, room.list)
  const lines = shown.map(({ operation, outcome, startedAt, endedAt, because }): Line => {
    const from = Date.parse(startedAt)
    const to = endedAt === undefined ? undefined : Date.parse(endedAt)
    const detail = stepDetail(operation, because)
    const mark = outcome === 'running' ? '– not ended' : MARKS[outcome]
    const paint = outcome === 'running' ? 'run' : PAINTS[outcome]
    return {
      name: operationText(operation),
      depth: 'flat',
      ...(mark === undefined ? {} : { mark }),
      says: detail === '' ? [] : [{ text: detail }],
      ...{ from, to, pieces: [{ from, to: to ?? from, paint }] },
    }
  })
  const left = steps.length - shown.length
  const span = spanOf(lines)
  return markup`<section aria-labelledby="written">
    <h2 id="written">What it wrote</h2>
    ${timelineTable(lines, { ...span, from: Math.min(begin, span.from) }, 'Seconds since the first of them.')}
    ${left === 0 ? undefined : markup`<p>and ${left} more</p>`}
  </section>`
}
