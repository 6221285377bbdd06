import { choiceOf } from '../../domain/config/select.ts'
import { setTexts } from '../../domain/values/settings.ts'
import type { ListrRendererFactory, ListrTask } from 'listr2'
import type { PlanDocument } from '../../domain/plan/document.ts'
import { ForgeError } from '../../errors.ts'
import { createContext } from '../deploy/create-context.ts'
import type { DeployContext, DeployOptions, DeployPorts } from '../deploy/context.ts'
import { prepare } from '../deploy/prepare.ts'
import { configuration } from '../deploy/reading-steps.ts'
import { refusal } from '../deploy/refusal.ts'
import { reportOf, type DeployReport } from '../deploy/report.ts'
import { loadProject } from '../project/load.ts'
import { previewChanges } from '../steps/preview.ts'
import { checkBeginning } from '../steps/requirements.ts'
import { checkSecretsStep } from '../steps/secrets.ts'
import { runSteps, step } from '../steps/step.ts'
import { describePlan } from './describe.ts'
import { planImages } from './images.ts'
import { savePlan } from './save.ts'
import { onlyInPlan, unlessForbidden } from '../unless-forbidden.ts'

export interface PlanEnd {
  readonly report: DeployReport & { readonly plan: PlanDocument | null }
  readonly plan: PlanDocument | undefined
  readonly error: ForgeError | undefined
}

/**
 * `forge plan`: the five reading steps of a deploy, and their result as one document. Nothing is written, nothing is
 * built; what may not be read is named in it. `out`: a file that `forge deploy --plan` takes.
 */
export async function plan(ports: DeployPorts, options: DeployOptions, out: string | undefined): Promise<PlanEnd> {
  const { dir, dirGiven, env, values } = options
  const given = { env, values, ...setTexts(options), ...choiceOf(options) }
  const project = await loadProject(ports.project, { ...(dirGiven ? { dir } : {}), ...given })
  const context = createContext(project, { ...options, planOnly: true })
  const end = (error?: ForgeError, found?: PlanDocument): PlanEnd => {
    const stopped = error?.exitStatus === 130 || error?.exitStatus === 143
    const otherwise = error?.code === 'E_BUG' ? 'failed' : 'refused'
    const outcome = error === undefined ? 'planned' : stopped ? 'interrupted' : otherwise
    const report = reportOf('plan', context, { outcome, error, evidence: undefined, restarted: [] }, ports.here)
    return { report: { ...report, plan: found ?? null }, plan: found, error }
  }
  try {
    await prepareToRead(context, ports)
    await runSteps(context, readingTasks(ports), ports)
    const found = await describePlan(context, ports)
    if (out !== undefined) await savePlan(out, found, context, ports)
    return end(undefined, found)
  } catch (error) {
    return end(refusal(error, ports.signal))
  }
}

/** The journal is kept in Secrets, which a reader of the cluster often may not see: then it is not known what runs. */
async function prepareToRead(context: DeployContext, ports: DeployPorts): Promise<void> {
  await unlessForbidden(prepare(context, ports), (why) => {
    onlyInPlan(context, 'which deploy runs')(why)
    context.unknown = why.details.denied ?? why.message
  })
}

function readingTasks(ports: DeployPorts): ListrTask<DeployContext, ListrRendererFactory>[] {
  const steps: [string, (context: DeployContext) => Promise<string>][] = [
    ['prerequisites', async (one) => await checkBeginning(one, ports)],
    ['images', async (one) => await planImages(one, ports)],
    [
      'secrets',
      async (one) => (await unlessForbidden(checkSecretsStep(one, ports), onlyInPlan(one, 'secrets'))) ?? 'not checked',
    ],
    ['configuration', async (one) => await configuration(one, ports)],
    ['preview', async (one) => await previewChanges(one, ports)],
  ]
  return steps.map(([name, work], at) => step<DeployContext>(ports, { index: at + 1, total: steps.length, name }, work))
}
