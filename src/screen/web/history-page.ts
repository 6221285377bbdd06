import type { Listed, ListedDeploy, ListedOf } from '../../domain/journal/listed.ts'
import { counted } from '../counted.ts'
import { outcomeOf } from '../history.ts'
import { formatSeconds } from '../row.ts'
import { markup, wholePage, type Html } from './html.ts'
import { cutTo, widestThatFits } from './room.ts'
import { STYLE } from './style.ts'
import { colourKey, stripOf, type Paint } from './timeline.ts'
import { timeText, verdictWords, type Tone } from './words.ts'

/** Redacted, and as it may be shown. */
export interface HistoryPage extends ListedOf, Listed {
  /** Where the page of one lies, seen from this one. */
  readonly fileOf: (number: number) => string
  /** In words: what this forge cannot read. */
  readonly unread: readonly string[]
  readonly version: string
  /** Milliseconds of the wall clock. */
  readonly now: number
  readonly styleHash: string
}

interface Room {
  readonly deploys: number
  /** Letters of a text. */
  readonly text: number
}

const ROOMS: readonly Room[] = [
  { deploys: 300, text: 400 },
  { deploys: 300, text: 160 },
  { deploys: 300, text: 80 },
  { deploys: 100, text: 60 },
]
/** Deploys that are seen without opening a month. */
const OPEN_DEPLOYS = 30
const LINKED_MONTHS = 12

const TONES: readonly (readonly [Tone, Paint, string, number])[] = [
  ['good', 'ok', 'ended well', 0.5],
  ['warn', 'wait', 'stopped, or running', 0.75],
  ['bad', 'fail', 'failed', 1],
]

/** The deploys of an environment as a page that leads to the page of each. What would make it longer than a page may be is cut, and it says so. */
export function historyPage(history: HistoryPage): string {
  const { project, environment, styleHash } = history
  const title = `${project} → ${environment}: its deploys`
  return widestThatFits(ROOMS, (room) => wholePage({ title, style: STYLE, styleHash, body: bodyOf(history, room) }))
}

function bodyOf(history: HistoryPage, room: Room): Html {
  const { project, environment, namespace, version, now } = history
  const shown = history.deploys.slice(0, room.deploys)
  const months = monthsOf(shown)
  return markup`<a class="skip" href="#deploys">To the deploys</a>
    <header>
      <h1>${project} → ${environment}</h1>
      <dl>
        <dt>Namespace</dt>
        <dd>${namespace}</dd>
        <dt>Deploys</dt>
        <dd>${countsOf(shown)}</dd>
      </dl>
    </header>
    ${monthLinks(months)}
    <main>
      ${newestSection(history, room)} ${timelineSection(shown)} ${deploysSection(history, months, room)}
    </main>
    <footer>
      <p>
        Made by forge ${version} on ${timeText(new Date(now).toISOString())} from the journal in the cluster. Times are
        UTC.
      </p>
    </footer>`
}

function toneOf(deploy: ListedDeploy): Tone {
  return verdictWords(deploy).tone
}

function countsOf(deploys: readonly ListedDeploy[]): string {
  const parts = TONES.flatMap(([tone, , text]) => {
    const count = deploys.filter((one) => toneOf(one) === tone).length
    return count === 0 ? [] : [`${count} ${text}`]
  })
  return deploys.length === 0 ? 'none' : `${deploys.length}: ${parts.join(', ')}`
}

function newestSection({ deploys, fileOf }: HistoryPage, room: Room): Html {
  const [newest] = deploys
  const live = deploys.find((one) => one.live)
  const told = [...new Set([newest, live])].flatMap((one) => one ?? [])
  return markup`<section aria-labelledby="newest">
    <h2 id="newest">Now</h2>
    ${told.length === 0 ? markup`<p>Nothing was deployed here yet.</p>` : undefined}
    ${told.map((one) => {
      const { tone, text } = verdictWords(one)
      const isTold = !one.live || one.state === 'deployed'
      return markup`<div class="verdict ${tone}">
        <p><strong>${cutTo(text, room.text)}</strong></p>
        ${one.verdict === null ? undefined : markup`<p>${cutTo(one.verdict.message, room.text)}</p>`}
        <p><a href="${fileOf(one.number)}">The page of #${one.number}</a>${isTold ? undefined : ', which is what runs now.'}</p>
      </div>`
    })}
  </section>`
}

function timelineSection(deploys: readonly ListedDeploy[]): Html | undefined {
  const [newest, oldest] = [deploys[0], deploys.at(-1)]
  if (newest === undefined || oldest === undefined || newest === oldest) return undefined
  const from = Date.parse(oldest.startedAt)
  const ms = Math.max(Date.parse(newest.startedAt) - from, 1)
  const [first, last] = [dayOf(oldest.startedAt), dayOf(newest.startedAt)]
  const days = first === last ? `All on ${first}.` : `From ${first} to ${last}.`
  // What failed is drawn last, and so over what lies at the same place.
  const marks = TONES.flatMap(([tone, paint, , height]) =>
    deploys
      .filter((one) => toneOf(one) === tone)
      .map(({ startedAt }) => ({ at: (Date.parse(startedAt) - from) / ms, paint, height })),
  )
  return markup`<section aria-labelledby="timeline">
    <h2 id="timeline">Time line</h2>
    <p>${days} The higher a line, the worse it ended; the lists below say it in words.</p>
    ${stripOf(marks)}
    ${colourKey(
      'Colours of a deploy',
      TONES.map(([, paint, text]) => [paint, text] as const),
    )}
  </section>`
}

interface Month {
  /** `2026-11` */
  readonly id: string
  readonly deploys: readonly ListedDeploy[]
  readonly isOpen: boolean
}

function monthsOf(deploys: readonly ListedDeploy[]): Month[] {
  const byMonth = Map.groupBy(deploys, ({ startedAt }) => startedAt.slice(0, 7))
  let before = 0
  return [...byMonth].map(([id, found]) => {
    const isOpen = before < OPEN_DEPLOYS
    before += found.length
    return { id, deploys: found, isOpen }
  })
}

function monthLinks(months: readonly Month[]): Html | undefined {
  if (months.length === 0) return undefined
  const earlier = months[LINKED_MONTHS]
  return markup`<nav aria-label="Months">
    <ul>
      ${months.slice(0, LINKED_MONTHS).map(({ id }) => markup`<li><a href="#m${id}">${monthText(id)}</a></li>`)}${
        earlier === undefined ? undefined : markup`<li><a href="#m${earlier.id}">earlier</a></li>`
      }
    </ul>
  </nav>`
}

function deploysSection({ deploys, fileOf, more, unread }: HistoryPage, months: readonly Month[], room: Room): Html {
  const left = more + Math.max(deploys.length - room.deploys, 0)
  const notes = [
    ...unread,
    ...(left === 0 ? [] : [`${counted(left, 'older deploy')} not listed; their pages stay in the folder.`]),
  ]
  return markup`<section aria-labelledby="deploys">
    <h2 id="deploys">Deploys</h2>
    ${months.map((month) => monthOf(month, fileOf, room))}
    ${notes.map((text) => markup`<p>${cutTo(text, room.text)}</p> `)}
  </section>`
}

function monthOf({ id, deploys, isOpen }: Month, fileOf: HistoryPage['fileOf'], room: Room): Html {
  const failed = deploys.filter((one) => toneOf(one) === 'bad').length
  const told = `${counted(deploys.length, 'deploy')}${failed === 0 ? '' : `, ${failed} failed`}`
  return markup`<details id="m${id}"${isOpen ? markup` open` : undefined}>
    <summary>${monthText(id)}: ${told}</summary>
    <table>
      <caption>
        The deploys of ${monthText(id)}, newest first.
      </caption>
      <thead>
        <tr>
          <th scope="col">Deploy, by whom, and what changed</th>
          <th scope="col" class="when">Began</th>
          <th scope="col" class="n">Took</th>
        </tr>
      </thead>
      <tbody>
        ${deploys.map((one) => rowOf(one, fileOf, room))}
      </tbody>
    </table>
  </details> `
}

const CLASSES = { good: 'is-good', bad: 'is-bad', warn: 'is-warn' } as const

function rowOf(deploy: ListedDeploy, fileOf: HistoryPage['fileOf'], room: Room): Html {
  const { number, live, by, startedAt, seconds, verdict, changed } = deploy
  const told = verdict === null ? changed : `${verdict.code}: ${verdict.message}`
  const took = seconds === null ? '–' : formatSeconds(seconds)
  return markup`<tr>
<th scope="row"><a href="${fileOf(number)}">#${number}</a> <span class="${CLASSES[toneOf(deploy)]}">${outcomeOf(deploy)}</span>${
    live ? markup` <strong>runs now</strong>` : undefined
  } <span class="dim">${cutTo(by, Math.min(room.text, 80))}</span>${
    told === '' ? undefined : markup`<span class="say">${cutTo(told, room.text)}</span>`
  }</th>
<td class="when"><time datetime="${startedAt}"><span class="day">${dayOf(startedAt)}</span> ${startedAt.slice(11, 16)}</time></td>
<td class="n">${took}</td>
</tr>
`
}

function dayOf(iso: string): string {
  return iso.slice(0, 10)
}

/** `2026-11`: `November 2026` */
function monthText(id: string): string {
  const name = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })
  return name.format(new Date(`${id}-01T00:00:00Z`))
}
