import { drawnWidth } from './width.ts'
import type { Mark } from '../domain/doctor/model.ts'
import type { Examination } from '../flows/doctor/doctor.ts'
import { describeCode } from '../errors.ts'
import { forge, hintLine } from '../hint.ts'
import { shownDocument } from '../screen/document-text.ts'
import { doctorRows, type DoctorDocument } from '../screen/doctor.ts'
import type { Session } from './session.ts'

/** As of what is refused: something would make a deploy fail. Where no cluster answered it is that, as for every command. */
const WOULD_FAIL = 3
const UNREACHED = 7

/** Prints what was found, and sets the exit status. */
export function closeDoctor({ lines, ...about }: Examination, session: Session): DoctorDocument {
  const { here, json, output } = session
  const count = (mark: Mark): number => lines.filter((line) => line.mark === mark).length
  const ready = count('problem') === 0
  const isUnreached = lines.some(({ mark, code = '' }) => mark === 'problem' && describeCode(code)?.exit === UNREACHED)
  if (!ready) process.exitCode = isUnreached ? UNREACHED : WOULD_FAIL
  const next = forge(ready ? 'plan' : 'doctor', '--env', about.environment)
  const document: DoctorDocument = {
    ...{ apiVersion: 'forge/v1', command: 'doctor', ...about, ready },
    counts: {
      ...{ ok: count('ok'), warning: count('warning') },
      ...{ problem: count('problem'), unchecked: count('unchecked') },
    },
    lines: lines.map(({ group, mark, text, code, where, hint, isBrief }) => ({
      ...{ group, state: mark, text, code: code ?? null, where: where ?? null },
      hint: hint === undefined ? null : hintLine(hint, here),
      brief: isBrief ?? false,
    })),
    next: hintLine(next, here),
  }
  if (json) return document
  const terminal = process.stdout.isTTY
  const width = drawnWidth(process.stdout)
  // Where nobody watches, a command is better copied from one line.
  const rows = doctorRows(shownDocument(document, output.shown), width, terminal ? width : Number.POSITIVE_INFINITY)
  process.stdout.write(`${output.shown(rows.join('\n'))}\n`)
  return document
}
