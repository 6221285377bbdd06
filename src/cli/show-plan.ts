import type * as Interfaces from '@oclif/core/interfaces'
import type { DeployOptions } from '../flows/deploy/options.ts'
import { plan, type PlanEnd } from '../flows/deploy/plan.ts'
import { closePlan, fromHere, type PlanOutput } from './close-plan.ts'
import type { imageFlags, takingFlags } from './deploy-flags.ts'
import type { releaseFlags, valuesFlags } from './forge-command.ts'
import { givenImages } from './given-images.ts'
import { givenValues } from './given-values.ts'
import type { Session } from './session.ts'
import { wireDeploy } from './wire-deploy.ts'

type Given = Interfaces.InferredFlags<typeof valuesFlags & typeof releaseFlags & typeof takingFlags & typeof imageFlags>

/** `forge plan`, and `forge deploy --dry-run`. */
export async function showPlan(flags: Given, session: Session, output: PlanOutput): Promise<PlanEnd['report']> {
  const options = await planOptions(flags, session)
  return closePlan(await plan(wireDeploy(session), options, fromHere(output.out)), session, output)
}

/** What is asked of a plan, and of the rehearsal of one: nobody is asked, and nothing is built. */
export async function planOptions(flags: Given, session: Session): Promise<DeployOptions> {
  return {
    dir: session.dir,
    dirGiven: session.dirGiven,
    env: session.env,
    ...givenValues(flags),
    yes: true,
    timeoutMs: undefined,
    images: await givenImages(flags, session),
    skipBuild: true,
    skipVerify: true,
    rollback: true,
    adopt: flags.adopt,
    overwriteDrift: flags['overwrite-drift'],
  }
}
