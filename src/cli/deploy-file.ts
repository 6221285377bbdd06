import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import type { JournalEntry } from '../domain/journal/model.ts'
import type { DeploySummary } from '../domain/journal/report.ts'
import { hintLine } from '../hint.ts'
import { shownDocument } from '../screen/document-text.ts'
import { deployPage } from '../screen/web/deploy-page.ts'
import { STYLE } from '../screen/web/style.ts'
import { browse } from './browser.ts'
import type { Session } from './session.ts'
import { fit } from './width.ts'

export interface Deploy {
  readonly entry: JournalEntry
  readonly summary: DeploySummary
}

export interface Making {
  readonly version: string
  /** Milliseconds of the wall clock. */
  readonly now: number
  /** The page of all deploys beside it. */
  readonly index?: string
}

/** Of the one sheet that all pages have. */
export function styleHash(): string {
  return createHash('sha256').update(STYLE).digest('base64')
}

/** The page of one deploy, with nothing in it that may not be shown. */
export function deployFile({ entry, summary }: Deploy, making: Making, { here, output }: Session): string {
  const hint = entry.verdict?.hint
  const next = hint === undefined || typeof hint === 'string' ? hint : hintLine(hint, here)
  const told = shownDocument({ entry, summary, next }, output.shown)
  return deployPage({ ...told, next: told.next, ...making, styleHash: styleHash() })
}

/** A name that leads nowhere, whatever its parts are. */
export function fileName(...parts: readonly (string | number)[]): string {
  return parts.map((part) => String(part).replaceAll(/[^\w.-]+/gu, '-')).join('-')
}

/** `number` of the environment's deploys; the same in every folder. */
export function deployFileName(project: string, environment: string, number: number): string {
  return `${fileName('forge-report', project, environment, number)}.html`
}

/** Shows a file in the person's browser; that there is none does not take away that it was written. */
export async function openPage(file: string, { signal, output }: Session): Promise<void> {
  const why = await browse(pathToFileURL(file).href, signal)
  if (why !== undefined) process.stderr.write(`${fit([`· no browser: ${output.shown(why)}`], process.stderr)}\n`)
}
