import type { JournalEntry } from '../../domain/journal/model.ts'
import type { DeploySummary } from '../../domain/journal/report.ts'
import { keptText } from '../backup.ts'
import { formatSeconds } from '../row.ts'
import { changesSection } from './deploy-changes.ts'
import { timelineSection, writtenSection } from './deploy-timeline.ts'
import { markup, wholePage, type Html } from './html.ts'
import { cutTo, listOf, ROOMS, widestThatFits, type Room } from './room.ts'
import { STYLE } from './style.ts'
import { timeText, verdictWords } from './words.ts'

export interface DeployPage {
  /** Redacted, and as it may be shown. */
  readonly entry: JournalEntry
  readonly summary: DeploySummary
  /** The command of its verdict; undefined: it has none. */
  readonly next: string | undefined
  readonly version: string
  /** Milliseconds of the wall clock. */
  readonly now: number
  readonly styleHash: string
  /** The page of all deploys of the environment, seen from this one; undefined: there is none beside it. */
  readonly index?: string | undefined
}

/** One deploy as a page of its own. What would make it longer than its limit is cut, and it says so. */
export function deployPage(deploy: DeployPage): string {
  const { project, environment, number } = deploy.entry
  const title = `#${number} ${project} → ${environment}`
  const { styleHash } = deploy
  return widestThatFits(ROOMS, (room) => wholePage({ title, style: STYLE, styleHash, body: bodyOf(deploy, room) }))
}

const PARTS = [
  ['verdict', 'Verdict'],
  ['timeline', 'Timeline'],
  ['changes', 'Changes'],
  ['ran', 'Releases and images'],
] as const

function bodyOf(deploy: DeployPage, room: Room): Html {
  const { entry, version, now, index } = deploy
  const isCut = room !== ROOMS[0]
  return markup`<a class="skip" href="#verdict">To the verdict</a>
    <header>
      <h1>${entry.project} → ${entry.environment} <span class="dim">#${entry.number}</span></h1>
      ${factsOf(deploy, room)}
    </header>
    <nav aria-label="Parts of this page">
      <ul>
        ${PARTS.map(([id, text]) => markup`<li><a href="#${id}">${text}</a></li>`)}${
          index === undefined ? undefined : markup`<li><a href="${index}">All deploys</a></li>`
        }
      </ul>
    </nav>
    <main>
      ${verdictSection(deploy, room)} ${timelineSection(entry, room)} ${changesSection(entry, room)}
      ${ranSection(deploy, room)} ${writtenSection(entry, room)}
    </main>
    <footer>
      <p>
        Made by forge ${version} on ${timeText(new Date(now).toISOString())} from the journal in the cluster. Times are
        UTC.${isCut ? ` It was too much for one page: forge history ${entry.number} --json has all of it.` : ''}
      </p>
    </footer>`
}

function factsOf({ entry, summary }: DeployPage, room: Room): Html {
  const { by, command, namespace, startedAt } = entry
  const took = summary.seconds === null ? 'not ended' : formatSeconds(summary.seconds)
  const facts = [
    ['When', `${timeText(startedAt)}, ${took}`],
    ['Who', by],
    ['Command', cutTo(command, room.text)],
    ['Namespace', namespace],
  ] as const
  return factList(facts)
}

/** What is typed stands as it is typed. */
const TYPED: readonly string[] = ['Command', 'Next']

function factList(facts: readonly (readonly [name: string, text: string])[]): Html {
  return markup`<dl>
    ${facts.map(
      ([name, text]) =>
        markup`<dt>${name}</dt>
          <dd>${TYPED.includes(name) ? markup`<code>${text}</code>` : text}</dd> `,
    )}
  </dl>`
}

function verdictSection({ entry, summary, next }: DeployPage, room: Room): Html {
  const { tone, text } = verdictWords(summary)
  const { verdict, evidence, by } = entry
  return markup`<section aria-labelledby="verdict">
    <h2 id="verdict">Verdict</h2>
    <div class="verdict ${tone}">
      <p><strong>${text}</strong></p>
      ${
        verdict === undefined
          ? undefined
          : markup`<p>${cutTo(verdict.message, room.text)}</p>
              <p class="dim"><code>${verdict.code}</code></p>`
      }
    </div>
    ${verdict === undefined ? undefined : whyOf(verdict, next, room)}
    ${
      evidence === undefined
        ? undefined
        : markup`<h3>Evidence</h3>
            <p>
              Kept on the machine of ${by}: <a href="${fileLink(evidence)}"><code>${evidence}</code></a>
            </p>`
    }
  </section>`
}

function whyOf(
  { chain, where, log }: NonNullable<JournalEntry['verdict']>,
  next: string | undefined,
  room: Room,
): Html {
  const facts = [
    ['Why', cutTo(chain.join(' → '), room.text)],
    ['Where', where ?? ''],
    ['Next', cutTo(next ?? '', room.text)],
  ] as const
  const shown = log.slice(-room.list).map((line) => cutTo(line, room.text))
  return markup`${factList(facts.filter(([, text]) => text !== ''))}
    ${
      shown.length === 0
        ? undefined
        : markup`<details open>
            <summary>Its last ${shown.length === 1 ? 'line' : `${shown.length} lines`}</summary>
            <pre>${shown.join('\n')}</pre>
          </details>`
    }`
}

/** A page that is opened from the file system leads there; from elsewhere a browser refuses it. */
function fileLink(path: string): string {
  const parts = path.replaceAll('\\', '/').split('/').map(encodeURIComponent)
  return `file://${path.startsWith('/') ? '' : '/'}${parts.join('/')}`
}

function ranSection({ entry, summary }: DeployPage, room: Room): Html {
  const releases = summary.releases.slice(0, room.list)
  const left = summary.releases.length - releases.length
  const backups = entry.backups ?? []
  return markup`<section aria-labelledby="ran">
    <h2 id="ran">Releases and images</h2>
    ${releases.length === 0 ? markup`<p>It has none.</p>` : releaseTable(releases, room)}
    ${left > 0 ? markup`<p>and ${left} more</p>` : undefined}
    ${
      summary.secrets.length === 0
        ? undefined
        : markup`<h3>Secrets</h3>
            ${listOf(summary.secrets, room.list, ({ name, revision, revisionBefore }) => {
              const before =
                revisionBefore === null
                  ? 'new'
                  : revisionBefore === revision
                    ? 'as before'
                    : `before r${revisionBefore}`
              return markup`<code>${name}</code> r${revision} <span class="dim">(${before})</span>`
            })}`
    }
    ${
      backups.length === 0
        ? undefined
        : markup`<h3>Backups</h3>
            ${listOf(backups, room.list, (one) => markup`${keptText(one)}`)}`
    }
  </section>`
}

function releaseTable(releases: DeploySummary['releases'], room: Room): Html {
  return markup`<table>
    <caption>
      Revisions of helm, and what each release runs.
    </caption>
    <thead>
      <tr>
        <th scope="col">Release</th>
        <th scope="col">Revision</th>
        <th scope="col" class="wide">Chart and images</th>
      </tr>
    </thead>
    <tbody>
      ${releases.map((one) => releaseRow(one, room))}
    </tbody>
  </table>`
}

function releaseRow(
  { name, revisionBefore, revisionAfter, chart, images, leftOut }: DeploySummary['releases'][number],
  room: Room,
): Html {
  const before = revisionBefore === null ? 'new' : `${revisionBefore}`
  const moved = revisionAfter === null || revisionAfter === revisionBefore ? before : `${before} → ${revisionAfter}`
  const version =
    chart === null
      ? ''
      : `${chart.name} ${chart.version}${chart.appVersion === undefined ? '' : ` (app ${chart.appVersion})`}`
  return markup`<tr>
    <th scope="row">${name}</th>
    <td>${moved}${leftOut ? ' (left as it was)' : ''}</td>
    <td>
      ${version}${images.length === 0 ? undefined : listOf(images, room.list, (image) => markup`<code>${image}</code>`)}
    </td>
  </tr> `
}
