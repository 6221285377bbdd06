import type { PlanDocument } from '../domain/plan/document.ts'
import { counted } from './counted.ts'
import { planBody, type PlanScreen } from './plan.ts'
import { sentence } from './plan-end.ts'
import { allIsReady, remarkRows, restartRows, type Success } from './success.ts'
import { headRow } from './head.ts'

export interface Migrated extends Omit<Success, 'selected'> {
  readonly adopted: number
  readonly retired: readonly string[]
  /** The folder. Undefined: nothing was to be saved. */
  readonly backup: string | undefined
  /** The command that gives the old stack back. */
  readonly undo: string
}

const LABEL = 11

export function migratedRows(end: Migrated): string[] {
  const { number, environment, seconds, unchanged, restarted, remarks, look, unseen = [], adopted, retired } = end
  const all = allIsReady(unseen, remarks)
  const time = `${seconds.toFixed(1)} s`
  const row = (label: string, texts: readonly string[]): string[] =>
    texts.map((text, at) => `${(at === 0 ? label : '').padEnd(LABEL)}${text}`)
  if (unchanged)
    return [
      '',
      `Unchanged: ${environment} is Helm's already, as #${number}, and ${all} (${time}).`,
      ...unseen,
      ...row('Look', look),
    ]
  return [
    '',
    `Migrated ${environment} to Helm as #${number} in ${time}. E${all.slice(1)}.`,
    ...row('Adopted', [`${counted(adopted, 'object')}, in place`]),
    ...unseen,
    ...restartRows(restarted),
    ...row('Retired', retired),
    ...remarkRows(remarks),
    ...row('Backup', end.backup === undefined ? [] : [end.backup]),
    ...row('Undo', [end.undo]),
    ...row('Look', look),
  ]
}

/** What giving the old stack back will change. */
export function undoPlanRows(plan: PlanDocument, screen: PlanScreen): string[] {
  const { project, environment, cluster, namespace } = plan
  return [
    headRow({ project, environment, cluster, namespace }),
    'back to what ran before Helm',
    '',
    ...planBody(plan, screen),
    '',
    sentence(plan),
  ]
}

export interface Undone {
  readonly environment: string
  readonly seconds: number
  readonly remarks: Success['remarks']
  readonly restarted: Success['restarted']
  readonly unseen?: readonly string[]
}

export function undoneRows({ environment, seconds, remarks, restarted, unseen = [] }: Undone): string[] {
  const all = allIsReady(unseen, remarks)
  return [
    '',
    `Undone: ${environment} runs what ran before Helm, as it was, in ${seconds.toFixed(1)} s. E${all.slice(1)}.`,
    ...unseen,
    ...restartRows(restarted),
    ...remarkRows(remarks),
  ]
}
