import type { Rehearsal, RehearsedDeploy, RehearsedFailure } from '../domain/rehearsal/model.ts'
import { isProven } from '../domain/rehearsal/summary.ts'
import { counted } from './counted.ts'
import { markdownCode as code, markdownText as text } from './markdown.ts'
import { cut, formatSeconds } from './row.ts'

/** Of what others say, in a cell: the table is for looking, and all of it is in the document. */
const CELL = 400
const LINE = 2000

/**
 * A rehearsal for a comment or a summary: what came of it, a row for each failure (first those that went otherwise than they should), tonight's
 * deploy, and in a fold what was not tried. What is too long for `fits` loses first the fold, then rows, the good ones first, and says so.
 */
export function rehearsalMarkdown(
  { scene, deploy, failures, notProvoked, summary }: Rehearsal,
  fits: (lines: readonly string[]) => boolean,
): string[] {
  const sorted = [...failures.filter((one) => !isProven(one)), ...failures.filter(isProven)]
  const first = [`**${text(cut(summary, LINE))}**`]
  const last = ['', deployLine(deploy)]
  const fold = foldLines(scene, notProvoked)
  const whole = [...first, ...tableLines(sorted), ...last, ...fold]
  if (fits(whole)) return whole
  const left = 'Too long to be shown here: all of it is in the artifact of the job.'
  for (let count = sorted.length; count > 0; count = Math.floor(count / 2)) {
    const missing = sorted.length - count
    const note = missing === 0 ? left : `${left} ${counted(missing, 'failure')} of ${sorted.length} left out.`
    const some = [...first, ...tableLines(sorted.slice(0, count)), ...last, '', note]
    if (fits(some)) return some
  }
  return [...first, ...last, '', left]
}

function tableLines(failures: readonly RehearsedFailure[]): string[] {
  if (failures.length === 0) return []
  const head = '| | Failure | Where | Verdict | After | Explained | Restored |'
  return ['', head, '|---|---|---|---|---:|---|---|', ...failures.map(tableRow)]
}

function tableRow(one: RehearsedFailure): string {
  const { failure, where, verdict, seconds, explained, restored, why, remark } = one
  const said =
    verdict === null ? 'none: the deploy went through' : `${code(verdict.code)} ${text(cut(verdict.sentence, CELL))}`
  const cells = [
    isProven(one) ? '✔' : '✖',
    code(cut(failure, CELL)),
    code(cut(where, CELL)),
    [said, ...[why, remark].flatMap((note) => (note === null ? [] : [text(cut(note, CELL))]))].join('<br>'),
    seconds === null ? '–' : formatSeconds(seconds),
    yesOrNo(explained),
    restored === null ? 'no need' : yesOrNo(restored),
  ]
  return `| ${cells.join(' | ')} |`
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : '**no**'
}

/** `Tonight's deploy, #43: rolled back after 12.0s.` */
function deployLine({ outcome, seconds, deploy, verdict }: RehearsedDeploy): string {
  const number = deploy === null ? '' : `, #${deploy}`
  const why = verdict === null ? '' : ` ${code(verdict.code)} ${text(cut(verdict.sentence, CELL))}`
  return `Tonight's deploy${number}: ${outcome.replace('-', ' ')} after ${formatSeconds(seconds)}.${why}`
}

function foldLines({ kubernetes, notRehearsed }: Rehearsal['scene'], notProvoked: Rehearsal['notProvoked']): string[] {
  const { environment, sandbox } = kubernetes
  const what = `${counted(notProvoked.length, 'failure')} not provoked, and what the sandbox does not have`
  return [
    '',
    `<details><summary>${what}</summary>`,
    '',
    text(`Kubernetes ${environment}; the sandbox has ${sandbox}.`),
    ...listLines(
      'Not provoked',
      notProvoked.map(({ failure, why }) => `${code(failure)}: ${text(why)}`),
    ),
    ...listLines('Not rehearsed', notRehearsed.map(text)),
    '',
    '</details>',
  ]
}

function listLines(title: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : ['', `**${title}**`, '', ...entries.map((one) => `- ${one}`)]
}
