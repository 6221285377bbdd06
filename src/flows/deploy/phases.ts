import { resolveSecrets } from '../project/secrets.ts'
import { prepareImages } from '../images.ts'
import { configure } from '../desire/configure.ts'
import { planDeploy, planReplay } from '../plan/plan-deploy.ts'
import { observe } from '../observe/observe.ts'
import { observeRequired } from '../observe/requirements.ts'
import { checkSecrets } from '../desire/secrets.ts'
import type { StepReport } from '../step.ts'
import { NO_IMAGES, type WithImages } from '../phases/desired.ts'
import type { Observed } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import { Phases, type Found } from '../phases/phases.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { unlessItFails } from '../../expected.ts'

/** The upgrade; the stages come after it. */
const WRITING = 1

type Asked = Pick<Opened, 'project' | 'options'>

/** `10` with four stages: five steps that read, the upgrade, and one per stage. */
export function totalSteps(asked: Asked, ports: DeployPorts): number {
  return readingPhases(asked, ports).length + WRITING + Math.max(asked.project.stages.length, 1)
}

/** Steps 1 to 5. Nothing outside forge's own state changes. */
export function readingPhases({ options }: Asked, ports: DeployPorts): Phases<Opened, Planned> {
  return options.secretsOnly === undefined ? deployPhases(ports) : replayPhases(ports)
}

function deployPhases(ports: DeployPorts): Phases<Opened, Planned> {
  return Phases.first('prerequisites', async (opened: Opened) => await observeRequired(opened, ports))
    .next('images', async (observed, report) => await images(observed, ports, report))
    .next('secrets', async (observed) => await checkSecrets(observed, ports))
    .next('configuration', async (resolved) => await configure(resolved, ports))
    .next('preview', async (configured, report) => await planDeploy(configured, ports, report))
}

/** Of secrets alone: the releases stay what they are, and a secret that leaked is replaced whatever else is missing. */
function replayPhases(ports: DeployPorts): Phases<Opened, Planned> {
  return Phases.first('prerequisites', async (opened: Opened) => await observe(opened, ports))
    .next('secrets', async (observed) => await checkSecrets({ ...observed, ...NO_IMAGES }, ports))
    .next('preview', async (resolved, report) => await planReplay(resolved, ports, report))
}

async function images(context: Observed, ports: DeployPorts, report: StepReport): Promise<Found<WithImages>> {
  const { project, options, works } = context
  if (options.saved !== undefined) {
    const saved = new Map(Object.entries(options.saved.basis.images))
    return { value: { ...context, images: saved, imageNotes: [] }, said: 'as the plan has them' }
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
  context.warnings.push(...prepared.warnings)
  return { value: { ...context, images: prepared.refs, imageNotes: [] }, said: prepared.summary }
}
