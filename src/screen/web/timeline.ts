import type { TimedPod, TimedWorkload } from '../../domain/journal/times.ts'
import { calledAt } from '../../domain/kube.ts'
import { formatSeconds } from '../row.ts'
import { markup, Html } from './html.ts'

/** From when on, and for how long, in milliseconds. */
export interface Span {
  readonly from: number
  readonly ms: number
}

export type Paint = 'run' | 'ok' | 'fail' | 'skip-bar' | 'wait' | 'init' | 'pull' | 'start'

export interface Piece {
  readonly from: number
  readonly to: number
  readonly paint: Paint
}

export interface Line {
  readonly name: string
  readonly depth: 'stage' | 'flat' | 'deep' | 'deeper'
  /** What became of it, where that is no success. */
  readonly mark?: string
  readonly says: readonly { readonly text: string; readonly isBad?: boolean }[]
  readonly from: number
  readonly to: number | undefined
  readonly pieces: readonly Piece[]
}

const WIDTH = 1000
/** What takes no time is to be seen, too. */
const THINNEST = 4
const LEAST_MS = 50
/** Of 300 on one line each is to be seen. */
const MARK = 3

/** The time from `span.from` on, one row a line; the drawing says nothing that the text does not. */
export function timelineTable(lines: readonly Line[], span: Span, caption: string): Html {
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => markup`<span>${formatSeconds((part * span.ms) / 1000)}</span>`)
  return markup`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">
          <span class="row"><span class="name">What</span><span class="scale" aria-hidden="true">${marks}</span></span>
        </th>
        <th scope="col" class="n">Began</th>
        <th scope="col" class="n">Took</th>
      </tr>
    </thead>
    <tbody>
      ${lines.map((line) => rowOf(line, span))}
    </tbody>
  </table>`
}

function rowOf({ name, depth, mark, says, from, to, pieces }: Line, span: Span): Html {
  const took = to === undefined ? '–' : formatSeconds((to - from) / 1000)
  const notes = says.map(
    ({ text, isBad }) =>
      markup`<span class="say"><span class="${isBad === true ? 'is-bad' : ''}">${text}</span></span>`,
  )
  const marked = mark === undefined ? undefined : markup` <span class="is-bad">${mark}</span>`
  return markup`<tr class="${depth}">
    <th scope="row">
      <span class="row"><span class="name">${name}${marked}</span>${barOf(pieces, span)}</span>${notes}
    </th>
    <td class="n">+${formatSeconds((from - span.from) / 1000)}</td>
    <td class="n">${took}</td>
  </tr> `
}

function barOf(pieces: readonly Piece[], { from, ms }: Span): Html {
  const scaled = (at: number): number => Math.round(Math.min(Math.max((at - from) / ms, 0), 1) * WIDTH)
  const drawn = pieces.map((piece) => {
    const x = Math.min(scaled(piece.from), WIDTH - THINNEST)
    const width = Math.max(scaled(piece.to) - x, THINNEST)
    return markup`<rect class="${piece.paint}" x="${x}" y="0" width="${width}" height="10" />`
  })
  return markup`<svg
    class="bar"
    viewBox="0 0 ${WIDTH} 10"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    ${drawn}
  </svg>`
}

/** A mark on a strip: where from 0 to 1, and how high from 0 to 1. */
export interface Mark {
  readonly at: number
  readonly paint: Paint
  readonly height: number
}

/** Many moments on one line; says nothing that the text does not. */
export function stripOf(marks: readonly Mark[]): Html {
  const drawn = marks.map(({ at, paint, height }) => {
    const x = Math.round(at * (WIDTH - MARK))
    const tall = Math.round(height * 10)
    return markup`<rect class="${paint}" x="${x}" y="${10 - tall}" width="${MARK}" height="${tall}" />`
  })
  return markup`<svg class="bar strip" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${drawn}</svg>`
}

/** What the colours of a pod's bar mean. */
export function podKey(): Html {
  return colourKey('Colours of a pod', [
    ['wait', 'until a node takes it'],
    ['init', 'init containers'],
    ['pull', 'images, until all containers run'],
    ['start', 'until ready'],
    ['fail', 'trouble'],
    ['skip-bar', 'not ready'],
  ])
}

export function colourKey(label: string, entries: readonly (readonly [Paint, string])[]): Html {
  return markup`<ul class="key" aria-label="${label}">
    ${entries.map(
      ([paint, text]) =>
        markup`<li>
          <svg viewBox="0 0 10 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect class="${paint}" width="10" height="10" /></svg
          >${text}
        </li>`,
    )}
  </ul>`
}

/** A workload, and the pods of it that are told; `end`: where nothing else ends them. */
export function workloadLines(workload: TimedWorkload, stage: Span, home: string, end: number): Line[] {
  const { kind, name, namespace, readyAt, failedAt, backAt, reason, pods, morePods } = workload
  const over = ms(failedAt ?? readyAt)
  // One may be ready before the stage that waits for it begins.
  const began = Math.min(stage.from, over ?? stage.from, ...pods.map(({ createdAt }) => Date.parse(createdAt)))
  const says = [
    ...(failedAt === undefined && readyAt === undefined && reason !== undefined ? [{ text: reason, isBad: true }] : []),
    ...(backAt === undefined
      ? []
      : [{ text: `ready again after ${after(ms(backAt) ?? began, began)}, during the rollback` }]),
    ...(morePods === undefined ? [] : [{ text: `and ${morePods} more pods that it made` }]),
  ]
  const called = calledAt(name, namespace, home)
  const pieces: Piece[] =
    over === undefined ? [] : [{ from: began, to: over, paint: failedAt === undefined ? 'ok' : 'fail' }]
  return [
    {
      name: `${kind}/${called}`,
      depth: 'deep',
      ...(failedAt === undefined ? (readyAt === undefined ? { mark: '– not ready' } : {}) : { mark: '✖ failed' }),
      ...{ says, from: began, to: over, pieces },
    },
    ...pods.map((pod) => podLine(pod, end)),
  ]
}

function podLine(pod: TimedPod, end: number): Line {
  const { name, node, createdAt, scheduledAt, initializedAt, startedAt, readyAt, goneAt, restarts, troubles = [] } = pod
  const from = Date.parse(createdAt)
  const phases: readonly (readonly [Paint, string, string | undefined])[] = [
    ['wait', 'scheduled', scheduledAt],
    ['init', 'initialised', initializedAt],
    ['pull', 'images and containers', startedAt],
    ['start', 'ready', readyAt],
  ]
  let last = from
  const pieces: Piece[] = []
  const said: string[] = []
  for (const [paint, word, iso] of phases) {
    const at = ms(iso)
    if (at === undefined) continue
    pieces.push({ from: last, to: Math.max(at, last), paint })
    said.push(`${word} +${formatSeconds(Math.max(at - last, 0) / 1000)}`)
    last = Math.max(at, last)
  }
  const ended = ms(readyAt)
  // Not ready to the end of what is told of it.
  const until = ms(goneAt) ?? end
  if (ended === undefined && until > last) pieces.push({ from: last, to: until, paint: 'skip-bar' })
  const bad = troubles.map(({ at }): Piece => ({ from: Date.parse(at), to: Date.parse(at) + LEAST_MS, paint: 'fail' }))
  return {
    name: `Pod ${name}`,
    depth: 'deeper',
    ...(ended === undefined ? { mark: '– never ready' } : {}),
    says: [
      {
        text: [
          ...(node === undefined ? ['no node'] : [`on ${node}`]),
          ...said,
          ...(restarts === undefined ? [] : [`restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}`]),
          ...(goneAt === undefined ? [] : [`gone after ${after(Date.parse(goneAt), from)}`]),
        ].join(', '),
      },
      ...troubles.map(({ at, container, reason, message }) => ({
        text: `after ${after(Date.parse(at), from)}: ${container === undefined ? '' : `${container}: `}${reason}${message === undefined ? '' : ` (${message})`}`,
        isBad: true,
      })),
    ],
    from,
    to: ended,
    pieces: [...pieces, ...bad],
  }
}

function ms(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso)
}

function after(at: number, from: number): string {
  return formatSeconds(Math.max(at - from, 0) / 1000)
}
