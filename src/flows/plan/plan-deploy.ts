import { isPartial } from '../../domain/config/select.ts'
import type { RollbackFeasibility } from '../../domain/plan/rollback-feasibility.ts'
import { touched } from '../../domain/plan/objects.ts'
import { namesToSpare } from '../../domain/redact/names.ts'
import { counted } from '../../screen/counted.ts'
import { concealing } from '../conceal.ts'
import { renderReleases, type Manner } from '../desire/render.ts'
import { replayReleases } from '../desire/replay.ts'
import { markConsumers } from '../desire/restart-marks.ts'
import type { Configured, Desired, Rendering, Resolved } from '../phases/desired.ts'
import { markReaders } from '../vault/marks.ts'
import { check } from '../phases/findings.ts'
import type { Found } from '../phases/phases.ts'
import type { Assessed, Foreseen, Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { ProjectPorts } from '../project/ports.ts'
import { BEFORE_REPLAY, type DeployChecks } from './check-list.ts'
import { checkSchemas, measureRecords } from './checks.ts'
import { unrecorded } from './manifest.ts'
import { AS_DECLARED } from './take-over.ts'
import { planDesired, type Planning } from './plan.ts'

export interface Preview extends Pick<Planning, 'settled'> {
  readonly manner: Manner
  readonly checks: DeployChecks
  /** What is made of the releases once their charts are rendered. */
  readonly rendered?: (rendering: Rendering) => Promise<Rendering>
}

/** Step 5 of a deploy: what the project says is rendered, and compared with what is there. Nothing is written. */
export async function planDeploy(
  configured: Configured,
  { manner, checks, settled, rendered }: Preview,
  ports: DeployPorts,
): Promise<Found<Planned>> {
  await check(configured, checks.configured, ports)
  const { standIn } = ports.project
  const found = await renderConcealing(configured, standIn === undefined ? manner : asThere(manner, standIn), ports)
  const rendering = (await rendered?.(found)) ?? found
  await check(rendering, checks.rendered, ports)
  const marked = await markReaders(await markConsumers(rendering, ports), ports)
  const desired = stoodIn(marked, standIn)
  return await planDesired(desired, { ...DEPLOY, checks, settled, isWhole: !isPartial(desired.project) }, ports)
}

function asThere(manner: Manner, { releases }: NonNullable<ProjectPorts['standIn']>): Manner {
  return { ...manner, twice: false, given: new Map([...releases].map(([name, { manifest }]) => [name, manifest])) }
}

/** In a rehearsal helm is given what the sandbox shall get, whatever the charts render. */
function stoodIn(desired: Desired, standIn: ProjectPorts['standIn']): Desired {
  if (standIn === undefined) return desired
  const all = desired.releases.map((work) => ({ ...work, ...standIn.releases.get(work.release.name) }))
  // All before the first is copied: one may tell what is secret in another.
  for (const { rendered } of all) for (const { object } of rendered) standIn.disguise.learn(object)
  const releases = all.map((work) => ({
    ...work,
    frozen: work.manifest,
    rendered: work.rendered.map((one) => ({ ...one, object: standIn.object(one.object) })),
  }))
  return { ...desired, releases }
}

/** The same of secrets alone: every release as it runs, with new revisions of these secrets in its pod templates. */
export async function planReplay(
  resolved: Resolved,
  names: readonly string[] | undefined,
  settled: Planning['settled'],
  ports: DeployPorts,
): Promise<Found<Planned>> {
  const desired = await replayReleases(resolved, names, ports)
  await check(desired, [checkSchemas], ports)
  return await planDesired(desired, { ...DEPLOY, checks: BEFORE_REPLAY, settled, isWhole: false }, ports)
}

const DEPLOY = { measure: measureRecords, mayTake: AS_DECLARED, isUnchanged, said: summary }

/** Rendered, with what the command line gives masked where it is a secret. */
export async function renderConcealing(configured: Configured, manner: Manner, ports: DeployPorts): Promise<Rendering> {
  const given = configured.releases.map(({ configuration }) => configuration)
  return await concealing(given, ports.redactor, async () => {
    const rendering = await renderReleases(configured, manner, ports)
    const objects = rendering.releases.flatMap(({ rendered }) => rendered.map(({ object }) => object))
    ports.redactor.spare(namesToSpare(objects))
    return { found: rendering, objects }
  })
}

/**
 * The render is what helm's record says, nothing has moved from it, no secret changes (docs/design.md, "Unchanged"), and no image of
 * other sources would take the place of one that is shown.
 */
function isUnchanged(context: Assessed): boolean {
  const { releases, secretPlans, homes, foreign, imageNotes, project } = context
  if (imageNotes.some(({ builds }) => builds === true)) return false
  if (homes?.plans.some(({ write }) => write !== undefined) === true) return false
  // Whose a release is now has to be written down, and what it took over.
  const isStill = ({ plans }: (typeof releases)[number]): boolean => touched(plans).length === 0
  const areKept = secretPlans.every(({ action }) => action === 'unchanged' || action === 'keep')
  // Who deploys there keeps its own record, and none of plain objects.
  if (project.environment.managedBy !== undefined) return areKept && releases.every(isStill)
  if (foreign.length > 0 || releases.some(({ history }) => history[0]?.unwritten === true)) return false
  const same = releases.every(
    (work) => work.history[0]?.status === 'deployed' && isStill(work) && unrecorded(work, context).length === 0,
  )
  return same && areKept
}

function summary(
  { releases, restarts, unchanged, secretPlans, unknown }: Foreseen,
  { possible, rows }: RollbackFeasibility,
): string {
  if (unchanged) return 'no changes'
  const all = releases.flatMap((work) => touched(work.plans))
  const plans = all.filter(({ action }) => action !== 'unknown')
  const unread = all.length - plans.length
  const isSeen = unknown === undefined && releases.every(({ unseen }) => unseen === undefined)
  const first = isSeen && releases.every(({ before }) => before === undefined)
  const secrets = secretPlans.filter(({ action }) => action === 'create' || action === 'change').length
  if (first) return `first install: ${counted(plans.length, 'object')}, ${counted(secrets, 'secret')}`
  // Of what is not checked nobody knows whether it restarts.
  const restarting = unread === 0 || restarts.length > 0 ? [counted(restarts.length, 'restart')] : []
  const unchecked = unread === 0 ? [] : [`${counted(unread, 'object')} not checked`]
  const changes = [counted(plans.length + secrets, 'change'), ...unchecked, ...restarting].join(', ')
  const back = possible === 'until-schema' ? 'until the schema Job runs' : (rows[0] ?? possible)
  return `${changes}, rollback possible: ${back}`
}
