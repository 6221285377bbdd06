import type { SeenDeploy } from '../domain/completion/model.ts'
import { drawnWidth, fit } from './width.ts'
import { newerText } from '../domain/journal/newer.ts'
import { entryRows, historyRows } from '../screen/history.ts'
import type { DeployHistory } from '../flows/history.ts'
import type { Session } from './session.ts'
import { forge, hintLine } from '../hint.ts'
import { headRow } from '../screen/head.ts'

/** Prints the table, or one deploy; the report is what `--json` prints. */
export function closeHistory(
  { report, entry, absent, flags }: DeployHistory,
  session: Session,
): DeployHistory['report'] {
  const { json, output, here } = session
  if (entry === undefined) sawDeploys(report, session)
  if (json) return report
  const width = drawnWidth(process.stdout)
  const screen = { width, now: Date.now(), here }
  const { deploys, project, environment, namespace } = report
  const unread = unreadRows(report).flatMap((rows) => ['', ...rows])
  const [one] = deploys
  const next = one === undefined ? forge('deploy', ...flags) : forge('history', String(one.number), ...flags)
  const rows =
    entry !== undefined && one !== undefined
      ? entryRows(entry, one, screen)
      : [
          headRow({ project, environment, namespace }),
          '',
          ...(deploys.length === 0
            ? [absent === undefined ? 'nothing was deployed here yet' : `nothing was deployed here: ${absent}`]
            : historyRows(deploys, screen)),
          ...unread,
          '',
          `${'next'.padEnd(9)}${hintLine(next, here)}`,
        ]
  process.stdout.write(`${fit(rows.map(output.shown), process.stdout)}\n`)
  return report
}

/** What is missing in the list, and why: what nobody can read, and what a newer forge can. */
export function unreadRows({ unreadable, newer = [] }: DeployHistory['report']): string[][] {
  const garbled = unreadable.filter((number) => !newer.some((one) => one.number === number))
  return [
    garbled.length === 0 ? [] : [`not readable by this version of forge: #${garbled.join(', #')}`],
    newer.map((one) => `#${one.number} ${newerText(one)}`),
  ].filter((rows) => rows.length > 0)
}

/** For the shells that complete numbers. */
export function sawDeploys({ environment, deploys }: DeployHistory['report'], { saw }: Session): void {
  saw(environment, { deploys: deploys.map(seenDeploy) })
}

function seenDeploy({ number, state, startedAt }: DeployHistory['report']['deploys'][number]): SeenDeploy {
  return [number, `${state}, ${startedAt.slice(0, 16).replace('T', ' ')}`]
}
