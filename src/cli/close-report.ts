import { resolve } from 'node:path'
import { openFiles } from '../adapters/files/files.ts'
import type { DeployReported, PageReport } from '../flows/report.ts'
import { isPage } from '../screen/web/html.ts'
import { verdictWords } from '../screen/web/words.ts'
import { deployFile, deployFileName, openPage } from './deploy-file.ts'
import { refuseForeign } from './own-file.ts'
import type { Session } from './session.ts'

interface Wanted {
  readonly out: string | undefined
  readonly open: boolean
  readonly version: string
}

/** Writes the page, and says where; with `--json` alone none is written. Throws E_FILE_UNWRITABLE. */
export async function closeReport(
  { report, entry, summary }: DeployReported,
  { out, open, version }: Wanted,
  session: Session,
  print: (row: string) => void,
): Promise<PageReport> {
  if (session.json && out === undefined && !open) return report
  const { project, environment } = report
  // In the folder in which forge was started.
  const file = resolve(out ?? deployFileName(project, environment, summary.number))
  refuseForeign(file, { flag: '--out', what: 'page of forge', isOwn: isPage, suffix: '-report.html' })
  await openFiles('.').write(file, deployFile({ entry, summary }, { version, now: Date.now() }, session))
  print(verdictWords(summary).text)
  print(file)
  if (open) await openPage(file, session)
  return { ...report, file }
}
