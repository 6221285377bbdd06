import { successRows, type Success } from '../screen/success.ts'
import type { DeployEnd } from '../flows/deploy/deploy.ts'
import type { DeployReport } from '../flows/deploy/report.ts'
import { closeRun } from './end-with.ts'
import type { Session } from './session.ts'
import { type ClusterName, shellWord } from '../hint.ts'

/** Prints how a deploy ended and sets the exit status; the report is what `--json` prints. */
export function closeDeploy(end: DeployEnd, session: Session): DeployReport {
  return closeRun(end.report, end.error, session, () => success(end))
}

/** Commands that show what runs. */
export function lookFor({ report: { namespace }, carried }: Pick<DeployEnd, 'report' | 'carried'>): string[] {
  const namespaces = carried?.project.releases.map((one) => one.namespace) ?? []
  return lookAt(carried?.cluster.named ?? {}, [namespace, ...namespaces])
}

function success(end: DeployEnd): string[] {
  const { report, seconds, restarted } = end
  const { environment, notChecked } = report
  return successRows({
    number: report.deploy ?? 0,
    environment,
    seconds,
    unchanged: report.outcome === 'unchanged',
    restarted,
    remarks: report.remarks,
    look: lookFor(end),
    unseen: notChecked ?? [],
    ...selectedOf(report),
  })
}

function selectedOf({ releases, leftOut }: DeployReport): Pick<Success, 'selected'> {
  return leftOut === undefined ? {} : { selected: { releases: releases.map(({ name }) => name), leftOut } }
}

/** The kubeconfig gets a line of its own: paths are long, and what follows is typed more than once. */
function lookAt({ kubeconfig, context }: ClusterName, namespaces: readonly string[]): string[] {
  const own = kubeconfig !== undefined && context?.startsWith('forge-sandbox-') === true
  const named = context === undefined || own ? [] : ['--context', context]
  const pods = [...new Set(namespaces)].map((namespace) => ['kubectl', ...named, '-n', namespace, 'get', 'pods'])
  return [
    ...(kubeconfig === undefined ? [] : [`export KUBECONFIG=${shellWord(kubeconfig)}`]),
    ...pods.map((words) => words.map(shellWord).join(' ')),
  ]
}
