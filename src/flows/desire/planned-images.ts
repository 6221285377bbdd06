import type { WithImages } from '../phases/desired.ts'
import type { Found } from '../phases/phases.ts'
import { referenceAt } from '../../domain/images/reference.ts'
import { prepareImages } from '../images.ts'
import type { Observed } from '../phases/observed.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** Step 2 of a plan: nothing is built or pushed. What is built elsewhere is given, what runs stays, the rest is said. */
export async function planImages(context: Observed, ports: DeployPorts): Promise<Found<WithImages>> {
  const { project, works } = context
  const { environment } = project
  const previousValues = new Map(works.map(({ release, before }) => [release.name, before?.config ?? {}]))
  const runs = (name: string): boolean =>
    project.images.some(
      (image) =>
        image.name === name &&
        image.to.some(({ release, path }) => referenceAt(previousValues.get(release), path) !== undefined),
    )
  const sandbox = environment.cluster.sandbox
  const known = project.images.filter(({ name, from }) => from.kind === 'ref' || sandbox || runs(name))
  const request = {
    images: known,
    environment: environment.name,
    dir: project.dir,
    target: sandbox ? ('sandbox' as const) : ('cluster' as const),
    skipBuild: true,
    previousValues,
  }
  const prepared = await prepareImages(
    request,
    { ...ports, ...ports.project, progress: () => undefined, onLine: () => undefined },
    ports.signal,
  )
  context.warnings.push(...prepared.warnings)
  const imageNotes = project.images.map(({ name, from }) => {
    const ref = prepared.refs.get(name) ?? null
    if (from.kind === 'ref') return { name, ref, what: 'as forge.yaml gives it' }
    if (sandbox) return { name, ref, what: 'not built: simulated nodes pull nothing' }
    return {
      name,
      ref,
      what: ref === null ? "not built: the chart's own is shown" : 'not built: the one that runs is shown',
    }
  })
  return {
    value: { ...context, images: prepared.refs, imageNotes },
    said: project.images.length === 0 ? 'forge.yaml names none' : 'not built',
  }
}
