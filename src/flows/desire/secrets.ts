import { stateScope } from '../../domain/state-scope.ts'
import { counted } from '../../screen/counted.ts'
import type { KeyContent, ResolvedSecrets, SecretPlan } from '../../domain/secrets/model.ts'
import { showProblem } from '../../domain/config/position.ts'
import { planSecrets } from '../project/plan-secrets.ts'
import type { ProjectPorts } from '../project/ports.ts'
import { resolveSecrets } from '../project/secrets.ts'
import { isPartial } from '../../domain/config/select.ts'
import { standingPlan } from '../../domain/secrets/plan.ts'
import type { Project } from '../../domain/config/model.ts'
import type { ClusterReader } from '../../ports.ts'
import { usedSecrets } from '../used-secrets.ts'
import { highestRevisions } from '../state/secret-revisions.ts'
import type { Resolved, WithImages } from '../phases/desired.ts'
import type { Found } from '../phases/phases.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { Rotated } from '../../domain/vault/plan.ts'
import { rotatedHomes, standingHomes } from '../vault/standing.ts'

/** Which of the project's secrets are meant, and what becomes of what somebody else changed in them. */
export interface Meant {
  /** Undefined: all that the selected releases take. */
  readonly names?: readonly string[] | undefined
  readonly overwrite?: boolean | undefined
  /** New values for one that lives in Vault. */
  readonly rotated?: Rotated | undefined
}

/** Step 3: every key is resolved and checked in memory, and compared with the cluster, and Vault is looked at. Nothing is written. */
export async function desireSecrets(context: WithImages, meant: Meant, ports: DeployPorts): Promise<Found<Resolved>> {
  const { value, said } = await desireOwn(context, meant, ports)
  const { rotated } = meant
  const homes = await (rotated === undefined ? standingHomes(context, ports) : rotatedHomes(context, rotated, ports))
  if (homes.plans.length === 0) return { value, said }
  const inVault = `${homes.plans.length} in Vault`
  const told = context.project.secrets.length === 0 ? inVault : `${said}, ${inVault}`
  return { value: { ...value, homes }, said: told }
}

/** Those that are Kubernetes Secrets. */
async function desireOwn(
  context: WithImages,
  { names, overwrite = false }: Meant,
  { project: ports, redactor, signal }: DeployPorts,
): Promise<Found<Resolved>> {
  const { cluster, project } = context
  if (project.secrets.length === 0) return { value: { ...context, secretPlans: [] }, said: summary([]) }
  const images = Object.fromEntries(context.images)
  let asked: ReturnType<typeof usedSecrets> | undefined
  const used = async (): ReturnType<typeof usedSecrets> =>
    await (asked ??= usedSecrets(project, { ...ports, charts: context.charts }, images))
  const own = { ...project, secrets: await ownSecrets(project, names, used) }
  const scope = { cluster, ...stateScope(project) }
  const [found, highest] = await Promise.all([resolveSecrets(own, ports, redactor), highestRevisions(scope, signal)])
  const resolved = disguised(found, ports.standIn)
  const { plans, warnings, unused } = await planSecrets(
    own,
    resolved,
    { cluster, signal, used, held: overwrite ? 'overwrite' : undefined },
    redactor,
    highest,
  )
  const secretPlans = [...plans, ...(await standing(project, own, { cluster, signal }))]
  context.warnings.push(...warnings.map(showProblem))
  return { value: { ...context, secretPlans }, said: summary(secretPlans, unused) }
}

/** In a rehearsal nothing that is secret leaves forge: from here on each has a made-up value. */
function disguised({ secrets }: ResolvedSecrets, standIn: ProjectPorts['standIn']): ResolvedSecrets {
  if (standIn === undefined) return { secrets }
  const { disguise } = standIn
  const made = (content: KeyContent): KeyContent =>
    'bytes' in content ? { bytes: disguise.bytes(content.bytes) } : content
  return {
    secrets: secrets.map((one) => ({
      ...one,
      keys: new Map([...one.keys].map(([key, content]) => [key, made(content)])),
    })),
  }
}

/** Of those that were named, or that the selected releases take: what is of another release is not asked for, nor written. */
async function ownSecrets(
  project: Project,
  names: Meant['names'],
  used: () => ReturnType<typeof usedSecrets>,
): Promise<Project['secrets']> {
  const named = project.secrets.filter(({ name }) => names?.includes(name) ?? true)
  if (!isPartial(project)) return named
  const isUsed = await used()
  return named.filter(({ name }) => isUsed(name))
}

/** The secrets that this run leaves alone: the journal says of every deploy which revisions ran in it. */
async function standing(
  { secrets, environment: { namespace } }: Project,
  own: Pick<Project, 'secrets'>,
  { cluster, signal }: { readonly cluster: Pick<ClusterReader, 'get'>; readonly signal: AbortSignal },
): Promise<SecretPlan[]> {
  const others = secrets.filter((spec) => !own.secrets.includes(spec))
  const live = await Promise.all(
    others.map(async ({ name }) => await cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }, signal)),
  )
  return live.flatMap((object) => (object === undefined ? [] : [standingPlan(object)]))
}

function summary(secretPlans: readonly SecretPlan[], unused: readonly string[] = []): string {
  const left = unused.length === 0 ? [] : [`${unused.join(', ')} not used`]
  if (secretPlans.length === 0) return left[0] ?? 'none in forge.yaml'
  const changing = secretPlans.filter(({ action }) => action === 'create' || action === 'change')
  const kept = secretPlans.flatMap(({ keys }) => keys.filter(({ change }) => change === 'kept')).length
  return [
    `${secretPlans.length} checked`,
    ...(kept === 0 ? [] : [`${counted(kept, 'key')} kept as the cluster has ${kept === 1 ? 'it' : 'them'}`]),
    changing.length === 0 ? 'no change' : describe(changing),
    ...left,
  ].join(', ')
}

function describe(changing: readonly SecretPlan[]): string {
  const made = changing.filter(({ action }) => action === 'create').length
  const changed = changing.filter(({ action }) => action === 'change').map(({ name }) => name)
  return [
    ...(made > 0 ? [counted(made, 'new one', 'new ones')] : []),
    ...(changed.length > 0 ? [`${changed.join(', ')} will change`] : []),
  ].join(', ')
}
