import { refOf, type KubeObject } from '../kube.ts'
import { kubectl } from '../../hint.ts'
import { revisionIs, revisionText, type WantedRevision } from './revision.ts'
import { applicationSpec, applicationStatus, type ApplicationStatus } from './shapes.ts'
import { brief, supersededBy } from './source.ts'
import { placed, type FollowContext, type State } from './standing.ts'

type Synced = NonNullable<ApplicationStatus['sync']>

/** Of an Application of Argo CD. Its generation grows with its status, so that nothing can be told by it. */
export function judgeApplication(object: KubeObject, context: FollowContext): State {
  const { wanted } = context
  const { sync = {}, operationState = {} } = applicationStatus(object['status'])
  const { phase = '', message, syncResult, operation } = operationState
  const runs = phase === 'Running' || phase === 'Terminating'
  const isOfWanted = isAmong(wanted, syncResult ?? operation?.sync)
  if (isOfWanted && (phase === 'Failed' || phase === 'Error'))
    return { state: 'failing', reason: `sync ${phase}`, why: brief(message), lastsMs: 0 }
  if (isAmong(wanted, sync) && sync.status === 'Synced' && !runs) return { state: 'applied' }
  if (!isOfWanted || !runs) return notSynced(object, sync, runs, context)
  return { state: 'waiting', why: `${placed(refOf(object))} is being synced to it: ${brief(message)}` }
}

const WRONG = new Set(['ComparisonError', 'InvalidSpecError'])

function notSynced(object: KubeObject, sync: Synced, runs: boolean, context: FollowContext): State {
  const ref = refOf(object)
  const { conditions = [] } = applicationStatus(object['status'])
  const seen = isAmong(context.wanted, sync)
  const has = `${placed(ref)} ${textOf(sync)}`
  const wrong = conditions.find(({ type = '' }) => WRONG.has(type))
  if (wrong !== undefined && seen)
    return { state: 'failing', reason: wrong.type ?? '', why: brief(wrong.message), lastsMs: 0 }
  const [past] = seen ? [] : commitsOf(sync).flatMap((one) => supersededBy(object, one, context, has) ?? [])
  if (past !== undefined) return past
  if (!isAutomated(object) && !runs)
    return {
      state: 'held',
      why: `${has}, and syncs only when somebody says so (no syncPolicy.automated)`,
      resume: syncing(object, context.wanted),
    }
  const trouble = wrong === undefined ? '' : `: ${wrong.type ?? ''}, ${brief(wrong.message)}`
  return { state: 'waiting', why: `${has}${trouble}` }
}

/** Of several sources one is the repository of this revision. */
function isAmong(wanted: WantedRevision, synced: Synced | undefined): boolean {
  return commitsOf(synced).some((one) => revisionIs(wanted, one))
}

export function commitsOf({ revision, revisions = [] }: Synced = {}): string[] {
  return [...revisions, ...(revision === undefined || revision === '' ? [] : [revision])]
}

function textOf(sync: Synced): string {
  const commits = commitsOf(sync).map(revisionText)
  const at = commits.length === 0 ? 'has looked at nothing yet' : `has looked at ${commits.join(', ')}`
  return sync.status === undefined || sync.status === 'Synced' ? at : `${at} (${sync.status})`
}

function isAutomated(object: KubeObject): boolean {
  const { automated } = applicationSpec(object['spec']).syncPolicy ?? {}
  return automated !== undefined && automated.enabled !== false
}

/** What `argocd app sync` writes, for whoever has no login there. */
function syncing({ metadata, apiVersion, kind }: KubeObject, { hex }: WantedRevision): ReturnType<typeof kubectl> {
  const resource = `${kind.toLowerCase()}s.${apiVersion.split('/', 1)[0] ?? ''}`
  const operation = JSON.stringify({ operation: { sync: { revision: hex } } })
  return kubectl(['patch', resource, metadata.name, '--type=merge', '--patch', operation], metadata.namespace)
}
