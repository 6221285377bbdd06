import { closingRows } from '../domain/screen/closing.ts'
import { successRows } from '../domain/screen/success.ts'
import type { DeployEnd } from '../flows/deploy/deploy.ts'
import type { DeployReport } from '../flows/deploy/report.ts'
import type { Session } from './session.ts'

/** Prints how a deploy ended and sets the exit status; the report is what `--json` prints. */
export function closeDeploy(end: DeployEnd, session: Session): DeployReport {
  const { report, error } = end
  if (error !== undefined) process.exitCode = error.exitStatus
  if (session.json) return report
  const width = process.stderr.isTTY ? process.stderr.columns : undefined
  const mask = (text: string): string => session.redactor.text(text)
  const rows = error === undefined ? success(end) : [...closingRows(error, width, mask), ...evidenceRow(report)]
  const stream = error === undefined ? process.stdout : process.stderr
  stream.write(`${rows.map(mask).join('\n')}\n`)
  return report
}

export function evidenceRow({ evidence }: Pick<DeployReport, 'evidence'>): string[] {
  return evidence === null ? [] : [`        evidence: ${evidence}`]
}

function success({ report, seconds, restarted, context }: DeployEnd): string[] {
  const { environment, namespace } = report
  return successRows({
    number: report.deploy ?? 0,
    environment,
    seconds,
    unchanged: report.outcome === 'unchanged',
    restarted,
    look: lookAt(context.cluster.kubectlFlags, namespace),
    unseen: context.unseen,
  })
}

/** The kubeconfig gets a line of its own: paths are long, and what follows is typed more than once. */
function lookAt(flags: string, namespace: string): string[] {
  const file = /--kubeconfig (\S+)/u.exec(flags)?.[1]
  const rest = flags.replace(/--kubeconfig \S+ ?/u, '')
  const context = file !== undefined && rest.includes('forge-sandbox-') ? '' : rest
  return [
    ...(file === undefined ? [] : [`export KUBECONFIG=${file}`]),
    `kubectl get pods --namespace ${namespace} ${context}`.trimEnd(),
  ]
}
