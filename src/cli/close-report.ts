import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openFiles } from '../adapters/files/files.ts'
import type { DeployReported, PageReport } from '../flows/report.ts'
import { hintLine } from '../hint.ts'
import { shownDocument } from '../screen/document-text.ts'
import { deployPage } from '../screen/web/deploy-page.ts'
import { STYLE } from '../screen/web/style.ts'
import { verdictWords } from '../screen/web/words.ts'
import { browse } from './browser.ts'
import type { Session } from './session.ts'
import { fit } from './width.ts'

interface Wanted {
  readonly out: string | undefined
  readonly open: boolean
  readonly version: string
}

/** Writes the page, and says where; with `--json` alone none is written. */
export async function closeReport(
  { report, entry, summary }: DeployReported,
  { out, open, version }: Wanted,
  session: Session,
  print: (row: string) => void,
): Promise<PageReport> {
  const { json, here, output, signal } = session
  if (json && out === undefined && !open) return report
  const file = resolve(out ?? defaultName(report))
  const hint = entry.verdict?.hint
  const next = hint === undefined || typeof hint === 'string' ? hint : hintLine(hint, here)
  const styleHash = createHash('sha256').update(STYLE).digest('base64')
  const told = shownDocument({ entry, summary, next }, output.shown)
  const page = deployPage({ ...told, next: told.next, version, now: Date.now(), styleHash })
  await openFiles('.').write(file, page)
  print(verdictWords(summary).text)
  print(file)
  if (open) {
    const why = await browse(pathToFileURL(file).href, signal)
    if (why !== undefined) process.stderr.write(`${fit([`· no browser: ${output.shown(why)}`], process.stderr)}\n`)
  }
  return { ...report, file }
}

/** In the folder in which forge was started. */
function defaultName({ project, environment, deploy: { number } }: PageReport): string {
  const safe = (name: string): string => name.replaceAll(/[^\w.-]+/gu, '-')
  return `forge-report-${safe(project)}-${safe(environment)}-${number}.html`
}
