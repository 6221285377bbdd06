import { entryRows, historyRows } from '../domain/screen/history.ts'
import type { DeployHistory } from '../flows/history.ts'
import type { Session } from './session.ts'
import { forge, hintLine } from '../hint.ts'

const WIDTH = 80

/** Prints the table, or one deploy; the report is what `--json` prints. */
export function closeHistory(
  { report, flags }: DeployHistory,
  { json, output, here }: Session,
): DeployHistory['report'] {
  if (json) return report
  const width = process.stdout.isTTY ? Math.max(process.stdout.columns, WIDTH) : WIDTH
  const screen = { width, now: Date.now(), here }
  const { entry, deploys, unreadable, project, environment, namespace } = report
  const [one] = deploys
  const next = one === undefined ? forge('deploy', ...flags) : forge('history', String(one.number), ...flags)
  const rows =
    entry !== undefined && one !== undefined
      ? entryRows(entry, one, screen)
      : [
          `${project} → ${environment}   namespace ${namespace}`,
          '',
          ...(deploys.length === 0 ? ['nothing was deployed here yet'] : historyRows(deploys, screen)),
          ...(unreadable.length === 0 ? [] : ['', `not readable by this version of forge: #${unreadable.join(', #')}`]),
          '',
          `${'next'.padEnd(9)}${hintLine(next, here)}`,
        ]
  process.stdout.write(`${output.shown(rows.join('\n'))}\n`)
  return report
}
