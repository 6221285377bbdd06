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
  { json, output, here, saw }: Session,
): DeployHistory['report'] {
  if (entry === undefined) saw(report.environment, { deploys: report.deploys.map(seenDeploy) })
  if (json) return report
  const width = drawnWidth(process.stdout)
  const screen = { width, now: Date.now(), here }
  const { deploys, unreadable, newer = [], project, environment, namespace } = report
  const garbled = unreadable.filter((number) => !newer.some((one) => one.number === number))
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
          ...(garbled.length === 0 ? [] : ['', `not readable by this version of forge: #${garbled.join(', #')}`]),
          ...(newer.length === 0 ? [] : ['', ...newer.map((one) => `#${one.number} ${newerText(one)}`)]),
          '',
          `${'next'.padEnd(9)}${hintLine(next, here)}`,
        ]
  process.stdout.write(`${fit(rows.map(output.shown), process.stdout)}\n`)
  return report
}

function seenDeploy({ number, state, startedAt }: DeployHistory['report']['deploys'][number]): SeenDeploy {
  return [number, `${state}, ${startedAt.slice(0, 16).replace('T', ' ')}`]
}
