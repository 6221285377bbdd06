import { systemClock } from '../adapters/clock.ts'
import type { BuilderName } from '../domain/images/build.ts'
import type { Project } from '../domain/config/model.ts'
import type { PreparedImage } from '../domain/images/summary.ts'
import { buildProjectImages, type ImagesReport } from '../flows/images/project-images.ts'
import { madeRows } from '../flows/show.ts'
import { runStep } from '../flows/step.ts'
import { screenFor } from './screen.ts'
import type { Session } from './session.ts'
import { wireImages } from './wire-images.ts'
import { clusterOf } from './wire.ts'
import { projectFor } from './wire-project.ts'

interface Asked {
  readonly names: readonly string[]
  readonly goal: 'here' | 'registry' | 'nodes'
  readonly builder: BuilderName | undefined
}

/** One step, seen as in a deploy. */
export async function buildAndShow(
  session: Session,
  { builder, names, goal: is }: Asked,
): Promise<{ readonly rows: readonly string[]; readonly report: ImagesReport }> {
  const project = await projectFor(session)
  const ports = wireImages(session, builder)
  const goal = is === 'nodes' ? { is, context: await contextOf(project, session) } : { is }
  const made = Promise.withResolvers<ImagesReport<PreparedImage>>()
  const step = { clock: systemClock, events: session.events, screen: screenFor(session) }
  await runStep(step, { index: 1, total: 1, name: 'images' }, async (told) => {
    const { summary, ...report } = await buildProjectImages(project, { names, goal }, ports, told)
    made.resolve(report)
    return summary
  })
  const report = await made.promise
  return { rows: madeRows(report.images), report }
}

/** Nothing is asked of the cluster. */
async function contextOf({ environment: { cluster } }: Project, session: Session): Promise<string | undefined> {
  return cluster.sandbox ? undefined : (cluster.context ?? (await clusterOf(cluster, session)).context)
}
