import { unlessItFails } from '../../expected.ts'
import { referenceAt } from '../../domain/images/reference.ts'
import { prepareImages, type PreparedImages } from '../images/prepare.ts'
import type { ImagesRequest } from '../images/work.ts'
import type { WithImages } from '../phases/desired.ts'
import type { Observed } from '../phases/observed.ts'
import type { Found } from '../phases/phases.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { resolveSecrets } from '../project/secrets.ts'
import type { StepReport } from '../step.ts'

/** Step 2 of a deploy: each image is built, tagged by its content and pushed. */
export async function buildImages(
  context: Observed,
  skipBuild: boolean,
  ports: DeployPorts,
  report: StepReport,
): Promise<Found<WithImages>> {
  const { images, environment } = context.project
  // A build may print what it was given; what is wrong with a secret is the next step's to say.
  if (images.some(({ from }) => from.kind !== 'ref') && !environment.cluster.sandbox && !skipBuild)
    await unlessItFails(resolveSecrets(context.project, ports.project, ports.redactor), () => undefined)
  const { refs, summary } = await prepare(context, { images, skipBuild }, ports, report)
  return { value: { ...context, images: refs, imageNotes: [] }, said: summary }
}

/** Step 2 of a plan: nothing is built or pushed. What is built elsewhere is given, what runs stays, the rest is said. */
export async function planImages(context: Observed, ports: DeployPorts): Promise<Found<WithImages>> {
  const { images, environment } = context.project
  const previous = previousValues(context)
  const { sandbox } = environment.cluster
  const known = images.filter(
    ({ from, to }) =>
      from.kind === 'ref' ||
      sandbox ||
      to.some(({ release, path }) => referenceAt(previous.get(release), path) !== undefined),
  )
  const { refs } = await prepare(context, { images: known, skipBuild: true }, ports)
  const imageNotes = images.map(({ name, from }) => {
    const ref = refs.get(name) ?? null
    if (from.kind === 'ref') return { name, ref, what: 'as forge.yaml gives it' }
    if (sandbox) return { name, ref, what: 'not built: simulated nodes pull nothing' }
    const shown = ref === null ? "the chart's own" : 'the one that runs'
    return { name, ref, what: `not built: ${shown} is shown` }
  })
  const said = images.length === 0 ? 'forge.yaml names none' : 'not built'
  return { value: { ...context, images: refs, imageNotes }, said }
}

async function prepare(
  context: Observed,
  request: Pick<ImagesRequest, 'images' | 'skipBuild'>,
  ports: DeployPorts,
  report?: StepReport,
): Promise<PreparedImages> {
  const { environment, dir } = context.project
  const target = environment.cluster.sandbox ? 'sandbox' : 'cluster'
  const prepared = await prepareImages(
    { ...request, environment: environment.name, dir, target, previousValues: previousValues(context) },
    {
      ...ports,
      ...ports.project,
      progress: (text) => report?.detail(text),
      onLine: (line, image) => report?.line(image, line),
    },
  )
  context.warnings.push(...prepared.warnings)
  return prepared
}

function previousValues({ releases }: Observed): ImagesRequest['previousValues'] {
  return new Map(releases.map(({ release, before }) => [release.name, before?.config ?? {}]))
}
