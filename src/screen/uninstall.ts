import { lossText, type Loss } from '../domain/plan/losses.ts'
import { counted } from './counted.ts'
import { headRow } from './head.ts'

/** What a report of an uninstallation tells. Its fields are public. */
export interface Uninstalled {
  readonly outcome: 'uninstalled' | 'unchanged' | 'planned' | 'refused' | 'failed' | 'interrupted'
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly deploy: number | null
  readonly releases: readonly { readonly name: string; readonly revision: number | null }[]
  readonly removed: readonly string[]
  readonly kept: readonly string[]
  /** Of those, what helm would have deleted, and why it stays. */
  readonly keptBecause: readonly { readonly object: string; readonly because: string }[]
  readonly claims: readonly {
    readonly name: string
    readonly size: string | null
    readonly of: string
    readonly deleted: boolean
    /** With what owns it, whether --delete-data is given or not. */
    readonly goes?: boolean
  }[]
  /** Data that goes with the releases; needs --confirm. */
  readonly losses: readonly Loss[]
  /** Why it is not known whether data is lost. */
  readonly unknownLosses: readonly string[]
  /** What stays although it needs something that goes. */
  readonly stillUsed: readonly { readonly object: string; readonly by: string }[]
  /** Hooks that helm runs before and after: `Job/backup`, `pre-delete`. */
  readonly hooks: readonly { readonly object: string; readonly event: string }[]
}

const LABEL = 10

/** What an uninstallation takes away, and every claim with what becomes of it. */
export function uninstallRows(report: Uninstalled, deleteData: boolean): string[] {
  const { project, environment, namespace, releases, removed, claims } = report
  const { keptBecause, hooks, losses, unknownLosses, stillUsed } = report
  const goes = (claim: { readonly goes?: boolean }): boolean => deleteData || claim.goes === true
  return [
    headRow({ project, environment, namespace }),
    '',
    ...releases.map(({ name, revision }) => `- release ${name}, revision ${revision ?? '?'}, with its history in helm`),
    ...removed.map((name) => `- ${name}`),
    ...hooks.map(({ object, event }) => `+ ${object} runs, as the hook ${event}`),
    ...claims.map((claim) => {
      const fate = goes(claim) ? 'DELETED, WITH ITS DATA' : 'stays, with its data'
      return `${goes(claim) ? '-' : '='} PersistentVolumeClaim/${claim.name}  ${claim.size ?? ''}  of ${claim.of}: ${fate}`
    }),
    ...losses.map((loss) => `- ${lossText(loss)}: DELETED`),
    ...unknownLosses.map((why) => `? whether data is deleted is unknown: ${why}`),
    ...stillUsed.map(({ object, by }) => `! ${by} stays and goes on using ${object}: its next pod cannot start`),
    ...keptBecause.map(({ object, because }) => `= ${object} stays: ${because}`),
    "= secrets, and forge's journal of this environment, stay",
    '',
  ]
}

export function uninstalledRows(report: Uninstalled, history: string): string[] {
  const { environment, project, deploy, releases, claims, keptBecause } = report
  if (report.outcome === 'unchanged')
    return [`${project} is not installed in ${environment}: there is nothing to take away.`]
  const gone = claims.filter(({ deleted }) => deleted)
  const kept = claims.filter(({ deleted }) => !deleted)
  return [
    '',
    `Uninstalled ${counted(releases.length, 'release')} of ${project} from ${environment}, as #${deploy ?? '?'}.`,
    ...(gone.length > 0 ? [`${'Deleted'.padEnd(LABEL)}${gone.map(({ name }) => name).join(', ')}`] : []),
    ...(kept.length > 0
      ? [`${'Kept'.padEnd(LABEL)}${kept.map(({ name }) => name).join(', ')}: the next deploy finds its data again`]
      : []),
    ...keptBecause.map(({ object, because }) => `${'Kept'.padEnd(LABEL)}${object}: ${because}`),
    `${'History'.padEnd(LABEL)}${history}`,
  ]
}
