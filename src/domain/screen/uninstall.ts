import { counted } from './counted.ts'

interface Uninstalled {
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly deploy: number | null
  readonly outcome: string
  readonly releases: readonly { readonly name: string; readonly revision: number | null }[]
  readonly removed: readonly string[]
  readonly claims: readonly {
    readonly name: string
    readonly size: string | null
    readonly of: string
    readonly deleted: boolean
  }[]
}

const LABEL = 10

/** What an uninstallation takes away, and every claim with what becomes of it. */
export function uninstallRows(report: Uninstalled, deleteData: boolean): string[] {
  const { project, environment, namespace, releases, removed, claims } = report
  const fate = deleteData ? 'DELETED, WITH ITS DATA' : 'stays, with its data'
  return [
    `${project} → ${environment}   namespace ${namespace}`,
    '',
    ...releases.map(({ name, revision }) => `- release ${name}, revision ${revision ?? '?'}, with its history in helm`),
    ...removed.map((name) => `- ${name}`),
    ...claims.map(
      ({ name, size, of }) =>
        `${deleteData ? '-' : '='} PersistentVolumeClaim/${name}  ${size ?? ''}  of ${of}: ${fate}`,
    ),
    "= secrets, and forge's journal of this environment, stay",
    '',
  ]
}

export function uninstalledRows(report: Uninstalled, history: string): string[] {
  const { environment, project, deploy, releases, claims } = report
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
    `${'History'.padEnd(LABEL)}${history}`,
  ]
}
