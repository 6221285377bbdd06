import { unlessItFails } from '../../expected.ts'
import { givenWords } from '../../domain/images/summary.ts'
import { referenceAt } from '../../domain/images/reference.ts'
import { prepareImages, type PreparedImages } from '../images/prepare.ts'
import { nodesOf } from '../images/destination.ts'
import { foreseeImages, type Foreseen } from '../images/foresee.ts'
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

/**
 * Step 2 of a plan: nothing is built or pushed. What is built elsewhere is given; of what forge builds the very image is shown that a deploy
 * would use, where it is there by now, else the one that runs.
 */
export async function planImages(context: Observed, ports: DeployPorts): Promise<Found<WithImages>> {
  const { images, environment } = context.project
  const previous = previousValues(context)
  const { sandbox } = environment.cluster
  const foreseen = sandbox ? new Map<string, Foreseen>() : await foresee(context, ports)
  const known = images.filter(
    ({ from, to }) =>
      from.kind === 'ref' ||
      sandbox ||
      to.some(({ release, path }) => referenceAt(previous.get(release), path) !== undefined),
  )
  const prepared = await prepare(context, { images: known, skipBuild: true }, ports)
  const there = [...foreseen].flatMap(([name, one]) => ('ref' in one ? [[name, one.ref] as const] : []))
  const refs = new Map([...prepared.refs, ...there])
  const imageNotes = images.map(({ name, from }) => {
    const ref = refs.get(name) ?? null
    if (from.kind === 'ref') return { name, ref, what: givenWords(from.by) }
    if (sandbox) return { name, ref, what: 'not built: simulated nodes pull nothing' }
    const builds = foreseen.get(name)?.is === 'built' ? ({ builds: true } as const) : {}
    return { name, ref, what: foreseenText(foreseen.get(name), ref), ...builds }
  })
  const isAllThere = foreseen.size > 0 && [...foreseen.values()].every(({ is }) => is !== 'built')
  const said = images.length === 0 ? 'forge.yaml names none' : isAllThere ? 'nothing to build' : 'not built'
  return { value: { ...context, images: refs, imageNotes }, said }
}

/** A stranger's checkout does not say what is read for an image. */
async function foresee(context: Observed, ports: DeployPorts): Promise<ReadonlyMap<string, Foreseen>> {
  if (ports.project.confinement !== undefined) return new Map()
  const { images, dir } = context.project
  const found = await foreseeImages(
    { images: images.filter(({ from }) => from.kind !== 'ref'), dir, ...placesOf(context, ports) },
    { ...ports, ...ports.project },
  )
  context.warnings.push(...found.warnings)
  return found.images
}

function foreseenText(foreseen: Foreseen | undefined, ref: string | null): string {
  const shown = ref === null ? "the chart's own" : 'the one that runs'
  switch (foreseen?.is) {
    case 'unchanged':
      return 'unchanged: these sources run'
    case 'there':
      return foreseen.in === 'nodes' ? 'the nodes have these sources' : 'these sources are in the registry'
    case 'built':
      return `not built: a deploy builds ${foreseen.tagged}; ${shown} is shown`
    case undefined:
      return `not built: ${shown} is shown`
  }
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
    { ...request, environment: environment.name, dir, target, ...placesOf(context, ports) },
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

/** Where images run by now, and where they go. */
function placesOf(context: Observed, ports: DeployPorts): Pick<ImagesRequest, 'previousValues' | 'nodes'> {
  const { cluster, project } = context
  return {
    previousValues: previousValues(context),
    nodes: nodesOf(project.environment.cluster, cluster.context, ports),
  }
}

function previousValues({ releases }: Observed): ImagesRequest['previousValues'] {
  return new Map(releases.map(({ release, before }) => [release.name, before?.config ?? {}]))
}
