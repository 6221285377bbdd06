import { stateScope } from '../../domain/state-scope.ts'
import { gitopsOwner } from '../../domain/gitops.ts'
import type { JournalEntry, JournalSecret } from '../../domain/journal/model.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { judgeValidity } from '../../domain/secrets/certificate.ts'
import type { SecretPlan } from '../../domain/secrets/model.ts'
import { dataOf, fromBase64, standingPlan } from '../../domain/secrets/plan.ts'
import { liveRevision } from '../../domain/journal/secret-revision.ts'
import { planRestore, type RestorePlan } from '../../domain/secrets/restore.ts'
import { counted } from '../../screen/counted.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Images, Resolved } from '../phases/desired.ts'
import type { Observed, ObservedRelease } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Found } from '../phases/phases.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { register } from '../project/secrets.ts'
import { highestRevisions, readRevision } from '../state/secret-revisions.ts'

/** Step 2: every secret as the target deploy had it, checked and compared with what is there. Nothing is written. */
export async function planSecretsBack<Release extends ObservedRelease>(
  context: Observed<Release> & Images,
  target: JournalEntry,
  ports: Pick<DeployPorts, 'project' | 'redactor' | 'signal' | 'clock'>,
): Promise<Found<Resolved<Release>>> {
  if (target.secrets.length === 0) return { value: { ...context, secretPlans: [] }, said: 'none to bring back' }
  const scope = scopeOf(context)
  const highest = await highestRevisions(scope, ports.signal)
  const plans = await Promise.all(
    target.secrets.map(async (secret) => await planOne(secret, highest.get(secret.name) ?? 0, context, ports)),
  )
  const secretPlans = plans.map(({ plan }) => plan)
  const refused = plans.flatMap(({ plan, refused: keys }) => keys.map((key) => `${plan.name} ${key}`))
  if (refused.length > 0) throw refusal(`${refused.join(', ')} may not go back (rollback: refuse)`, refused, context)
  const changing = secretPlans.filter(({ object }) => object !== undefined)
  for (const plan of changing) checkCertificates(plan, context, ports)
  const change = changing.length === 0 ? 'no change' : `${changing.map(({ name }) => name).join(', ')} will change`
  return { value: { ...context, secretPlans }, said: `${counted(plans.length, 'secret')}, ${change}` }
}

async function planOne(
  { name, revision, rules: then }: JournalSecret,
  lastRevision: number,
  context: Opened,
  { redactor, signal }: Pick<DeployPorts, 'redactor' | 'signal'>,
): Promise<RestorePlan> {
  const scope = scopeOf(context)
  const live = await context.cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace: scope.namespace, name }, signal)
  // The number on the Secret names what ran; what somebody edited under it since is part of that (docs/state.md).
  if (live !== undefined && liveRevision(live) === revision) return { plan: standingPlan(live), refused: [] }
  const wanted = await readRevision(scope, name, revision, signal)
  for (const object of [wanted, live])
    for (const value of Object.values(object === undefined ? {} : dataOf(object))) register(fromBase64(value), redactor)
  checkKind(name, wanted, live, context)
  const now = context.liveEntry?.secrets.find((one) => one.name === name)?.rules
  const found = planRestore({ name, wanted, revision, live, rules: { ...then, ...now }, lastRevision })
  const owner = live === undefined ? undefined : gitopsOwner(live)
  return owner === undefined ? found : { ...found, plan: { ...found.plan, owner } }
}

function checkKind(name: string, wanted: KubeObject, live: KubeObject | undefined, context: Opened): void {
  if (live === undefined) return
  if (live['type'] !== undefined && live['type'] !== wanted['type'])
    throw refusal(`Secret ${name} has another type by now, and a type never changes`, [name], context)
  if (live['immutable'] === true) throw refusal(`Secret ${name} is immutable by now`, [name], context)
}

/** A certificate that was valid then may have expired: pods would start, and their clients refuse it. */
function checkCertificates(
  { name, object, changedKeys }: SecretPlan,
  context: Opened,
  { project: { certificates }, clock }: Pick<DeployPorts, 'project' | 'clock'>,
): void {
  const data = object === undefined ? {} : dataOf(object)
  for (const key of changedKeys) {
    const text = new TextDecoder().decode(fromBase64(data[key] ?? ''))
    if (!text.includes('-----BEGIN CERTIFICATE-----')) continue
    const chain = certificates.chain(text)
    if ('problem' in chain) continue
    const { faults, warnings } = judgeValidity(chain.certificates, clock.now())
    const [fault] = faults
    if (fault !== undefined) throw refusal(`secret ${name}, key ${key} would go back to a ${fault}`, [name], context)
    context.warnings.push(...warnings.map((warning) => `secret ${name}, key ${key}: ${warning}`))
  }
}

function refusal(message: string, where: readonly string[], { project }: Opened): ForgeError {
  return new ForgeError('E_ROLLBACK_SECRET', message, {
    hint: forge('deploy', '--env', project.environment.name),
    where: where.join(', '),
  })
}

function scopeOf({ cluster, project }: Opened) {
  return { cluster, ...stateScope(project) }
}
