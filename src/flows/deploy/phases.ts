import type { SavedPlan } from '../../domain/plan/saved.ts'
import { configure } from '../desire/configure.ts'
import { buildImages, planImages } from '../desire/images.ts'
import { BEFORE_DEPLOY, beforeSaved } from '../plan/check-list.ts'
import { waitForLeaving } from '../plan/leaving.ts'
import { planDeploy, planReplay } from '../plan/plan-deploy.ts'
import { observe, OF_PROJECT } from '../observe/observe.ts'
import { observeRequired } from '../observe/requirements.ts'
import { desireSecrets, type Meant } from '../desire/secrets.ts'
import { NO_IMAGES, type Configured, type WithImages } from '../phases/desired.ts'
import { needed } from '../phases/findings.ts'
import type { Observed } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import { Phases, type Found } from '../phases/phases.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import type { DeployOptions } from './options.ts'

/** How the cluster is read in step 1. */
export type Observing = (opened: Opened) => Promise<Found<Observed>>

/** Steps 1 to 4: all that a chart is rendered with, to be written. */
export function configuredToWrite(
  observing: Observing,
  { saved, skipBuild }: DeployOptions,
  ports: DeployPorts,
): Phases<Opened, Configured> {
  return Phases.first('prerequisites', observing)
    .next('images', async (observed, report) => {
      return saved === undefined ? await buildImages(observed, skipBuild, ports, report) : imagesOf(saved, observed)
    })
    .next('secrets', async (observed) => await desireSecrets(observed, {}, ports))
    .next('configuration', async (resolved) => await configure(resolved, ports))
}

/** The same to be looked at: nothing is built, and what may not be read is noted. */
export function configuredToLook(observing: Observing, ports: DeployPorts): Phases<Opened, Configured> {
  return Phases.first('prerequisites', observing)
    .next('images', async (observed) => await planImages(observed, ports))
    .next('secrets', async (observed) => {
      const found = await unlessForbidden(desireSecrets(observed, {}, ports), needed(observed, 'secrets'))
      return found ?? { value: { ...observed, secretPlans: [] }, said: 'not checked' }
    })
    .next('configuration', async (resolved) => await configure(resolved, ports))
}

/** Steps 1 to 5. Nothing outside forge's own state changes. */
export function deployPhases(options: DeployOptions, ports: DeployPorts): Phases<Opened, Planned> {
  const { saved } = options
  const given = new Map(saved?.basis.releases.map(({ name, frozen }) => [name, frozen]))
  const manner = { freezes: true, twice: false, given }
  const checks = saved === undefined ? BEFORE_DEPLOY : beforeSaved(saved)
  const observing: Observing = async (opened) => await observeRequired(opened, ports)
  return configuredToWrite(observing, options, ports).next('preview', async (configured, report) => {
    return await planDeploy(configured, { manner, checks, settled: waitForLeaving(ports, report) }, ports)
  })
}

/** Of secrets alone: the releases stay what they are, and a secret that leaked is replaced whatever else is missing. */
export function replayPhases(meant: Meant, ports: DeployPorts): Phases<Opened, Planned> {
  return Phases.first('prerequisites', async (opened: Opened) => await observe(opened, OF_PROJECT, ports))
    .next('secrets', async (observed) => await desireSecrets({ ...observed, ...NO_IMAGES }, meant, ports))
    .next('preview', async (resolved, report) => {
      return await planReplay(resolved, meant.names, waitForLeaving(ports, report), ports)
    })
}

/** `--plan FILE`: nothing is built. */
function imagesOf({ basis }: SavedPlan, observed: Observed): Found<WithImages> {
  const images = new Map(Object.entries(basis.images))
  return { value: { ...observed, images, imageNotes: [] }, said: 'as the plan has them' }
}
