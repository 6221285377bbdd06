import type { ListrRendererFactory, ListrTask } from 'listr2'
import { showProblem } from '../../domain/config/position.ts'
import { prepareImages } from '../images.ts'
import { resolveConfiguration } from '../project/configuration.ts'
import { resolveSecrets } from '../project/secrets.ts'
import { previewChanges } from '../steps/preview.ts'
import { checkBeginning } from '../steps/requirements.ts'
import { checkSecretsStep } from '../steps/secrets.ts'
import { configurationSummary } from '../steps/configuration.ts'
import { step, type StepReport } from '../steps/step.ts'
import type { DeployContext, DeployPorts } from './context.ts'
import { unlessItFails } from '../../expected.ts'

const READING = 5
/** Steps that a deploy of secrets alone does not have: the releases stay what they are. */
const WITHOUT_SECRETS = ['images', 'configuration']
/** The upgrade; the stages come after it. */
const WRITING = 1

/** `10` with four stages: five steps that read, the upgrade, and one per stage. */
export function totalSteps({ project, options }: DeployContext): number {
  const reading = options.secretsOnly === undefined ? READING : READING - WITHOUT_SECRETS.length
  return reading + WRITING + Math.max(project.stages.length, 1)
}

/** Steps 1 to 5. Nothing outside forge's own state changes. */
export function readingSteps(
  context: DeployContext,
  ports: DeployPorts,
): ListrTask<DeployContext, ListrRendererFactory>[] {
  const total = totalSteps(context)
  const steps: [string, (context: DeployContext, report: StepReport) => Promise<string>][] = [
    ['prerequisites', async (one) => await checkBeginning(one, ports)],
    ['images', async (one, report) => await images(one, ports, report)],
    ['secrets', async (one) => await checkSecretsStep(one, ports)],
    ['configuration', async (one) => await configuration(one, ports)],
    ['preview', async (one, report) => await previewChanges(one, ports, report)],
  ]
  const own =
    context.options.secretsOnly === undefined ? steps : steps.filter(([name]) => !WITHOUT_SECRETS.includes(name))
  const stopping = { signal: ports.signal, words: () => 'stopping: nothing was changed' }
  return own.map(([name, work], at) =>
    step<DeployContext>({ ...ports, stopping }, { index: at + 1, total, name }, work),
  )
}

async function images(context: DeployContext, ports: DeployPorts, report: StepReport): Promise<string> {
  const { project, options, works } = context
  if (options.saved !== undefined) {
    context.images = new Map(Object.entries(options.saved.basis.images))
    return 'as the plan has them'
  }
  const previousValues = new Map(works.map(({ release, before }) => [release.name, before?.config ?? {}]))
  const { environment } = project
  // A build may print what it was given; what is wrong with a secret is the next step's to say.
  if (project.images.some(({ from }) => from.kind !== 'ref') && !environment.cluster.sandbox && !options.skipBuild)
    await unlessItFails(resolveSecrets(project, ports.project, ports.redactor), () => undefined)
  const prepared = await prepareImages(
    {
      images: project.images,
      environment: environment.name,
      dir: project.dir,
      target: environment.cluster.sandbox ? 'sandbox' : 'cluster',
      skipBuild: options.skipBuild,
      previousValues,
    },
    {
      ...ports,
      ...ports.project,
      progress: (text) => report.detail(text),
      onLine: (line, image) => report.line(image, line),
    },
    ports.signal,
  )
  context.images = prepared.refs
  context.warnings.push(...prepared.warnings)
  return prepared.summary
}

export async function configuration(context: DeployContext, { project: ports }: DeployPorts): Promise<string> {
  const resolved = await resolveConfiguration(context.project, ports, { images: Object.fromEntries(context.images) })
  for (const work of context.works) {
    const found = resolved.get(work.release.name)
    if (found === undefined) throw new Error(`release ${work.release.name} has no configuration`)
    work.configuration = found
    const told = (found.warnings ?? []).map(showProblem)
    context.warnings.push(...told.filter((warning) => !context.warnings.includes(warning)))
  }
  return configurationSummary(context)
}
