import type { Rehearsal } from '../../domain/rehearsal/model.ts'
import { nextAfter } from '../../domain/rehearsal/next.ts'
import { hintLine, type HintPlace } from '../../hint.ts'
import { rehearsalRows } from '../../screen/rehearsal.ts'
import type { Report } from '../step/result.ts'

/** A log is as wide as whoever looks at it has it. */
const WIDTH = 120

/** What a person sees who runs it: the step has asked for the document. */
export function rehearsedRows(report: Report, rehearsal: Rehearsal, here: HintPlace): string[] {
  const { project = '', environment = '', cluster = '', namespace = '' } = report
  const next = hintLine(nextAfter(rehearsal, environment), here)
  const head = { apiVersion: 'forge/v1', command: 'rehearse', project, environment, cluster, namespace } as const
  return rehearsalRows({ ...head, ...rehearsal, next }, WIDTH, Number.POSITIVE_INFINITY)
}
