import { join, resolve } from 'node:path'
import { openFiles } from '../adapters/files/files.ts'
import { listedOf, readListed, withEarlier, writeListed, type Listed, type ListedOf } from '../domain/journal/listed.ts'
import { ForgeError } from '../errors.ts'
import type { DeployHistory } from '../flows/history.ts'
import { again, forge } from '../hint.ts'
import type { Files } from '../ports.ts'
import { counted } from '../screen/counted.ts'
import { documentText, shownDocument } from '../screen/document-text.ts'
import { changedIn } from '../screen/history.ts'
import { historyPage } from '../screen/web/history-page.ts'
import { sawDeploys, unreadRows } from './close-history.ts'
import { deployFile, deployFileName, fileName, openPage, styleHash } from './deploy-file.ts'
import type { Session } from './session.ts'

interface Wanted {
  readonly out: string | undefined
  readonly open: boolean
  readonly version: string
}

const INDEX = 'index.html'
/** What the index lists, for the run that comes next. */
const LIST = 'forge-history.json'

/**
 * Writes the page of each deploy, then the one that leads to them, and says where; with `--json` alone none is written. Pages
 * of deploys that the journal has forgotten stay, and stay listed. Throws E_FILE_UNWRITABLE for a folder that another has.
 */
export async function closeHistoryPages(
  { report, shown }: DeployHistory,
  { out, open, version }: Wanted,
  session: Session,
  print: (row: string) => void,
): Promise<DeployHistory['report']> {
  const { json, output } = session
  sawDeploys(report, session)
  if (json && out === undefined && !open) return report
  const { project, environment, namespace, deploys } = report
  const folder = resolve(out ?? fileName('forge-history', project, environment))
  const files = openFiles(folder)
  const of = shownDocument({ project, environment, namespace }, output.shown)
  const fileOf = (number: number): string => deployFileName(project, environment, number)
  const earlier = await earlierIn(folder, files, of, fileOf)
  const now = Date.now()
  for (const [at, entry] of shown.entries()) {
    const summary = deploys[at]
    if (summary === undefined) continue
    await files.write(fileOf(entry.number), deployFile({ entry, summary }, { version, now, index: INDEX }, session))
  }
  const listed = deploys.map((one) => listedOf(one, changedIn(one)))
  const all = withEarlier(shownDocument(listed, output.shown), earlier)
  await files.write(LIST, `${documentText(writeListed(of, all), output.shown)}\n`)
  // Last: what it leads to is there.
  const unread = unreadRows(report).flat().map(output.shown)
  const page = historyPage({ ...of, ...all, fileOf, unread, version, now, styleHash: styleHash() })
  await files.write(INDEX, page)
  const index = join(folder, INDEX)
  print(`${counted(all.deploys.length, 'deploy')} of ${project} → ${environment}`)
  print(index)
  if (open) await openPage(index, session)
  return { ...report, folder }
}

/** What an earlier run listed there, as far as its pages are still there. */
async function earlierIn(
  folder: string,
  files: Files,
  of: ListedOf,
  fileOf: (number: number) => string,
): Promise<Listed> {
  const text = await files.read(LIST)
  if (text === undefined && !(await files.exists(INDEX))) return { deploys: [], more: 0 }
  const found = text === undefined ? undefined : readListed(text, of)
  if (found === undefined) throw ofAnother(folder, of)
  const areThere = await Promise.all(found.deploys.map(async ({ number }) => await files.exists(fileOf(number))))
  return { ...found, deploys: found.deploys.filter((_, at) => areThere[at]) }
}

function ofAnother(folder: string, { project, environment }: ListedOf): ForgeError {
  const message = `${folder} has an index.html that is not of the deploys of ${project} → ${environment}, and that is not written over`
  return new ForgeError('E_FILE_UNWRITABLE', message, {
    hint: again('--out', join(folder, fileName('forge-history', project, environment))),
    where: folder,
  })
}

/** E_USAGE: the pages are of all deploys. */
export function pagesOfOne(number: number): ForgeError {
  const message = `--web writes the pages of all deploys; the page of #${number} alone is written by forge report`
  return new ForgeError('E_USAGE', message, { hint: forge('report', String(number)), where: '--web' })
}
