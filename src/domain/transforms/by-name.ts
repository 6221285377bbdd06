import type { TransformStep } from '../config/model.ts'
import type { Problem } from '../config/position.ts'
import { omitLines, setLines } from './lines.ts'
import { allowSubnets, openPgHba } from './open-pg-hba.ts'
import { replaceText } from './replace.ts'

export interface Transformed {
  readonly text: string
  readonly problems: readonly Problem[]
}

/** What one step of `transform` makes of a text; `file` is where problems are shown. A module is the adapter's to run. */
export function applyStep(step: Exclude<TransformStep, { kind: 'module' }>, text: string, file: string): Transformed {
  switch (step.kind) {
    case 'open-pg-hba':
      return openPgHba(text, file)
    case 'allowed-subnets':
      return allowSubnets(text, file, step.subnets)
    case 'replace':
      return replaceText(text, step.text, step.with, file)
    case 'set':
      return { text: setLines(text, step.values), problems: [] }
    case 'omit':
      return { text: omitLines(text, step.names), problems: [] }
  }
}
