import type { Check, Stage } from '../../domain/config/model.ts'
import { isPartial } from '../../domain/config/select.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { presentStages } from '../../domain/stages/stages.ts'
import type { Planned } from '../phases/planned.ts'
import { isInstalled, leftOutObjects } from '../observe/left-out.ts'

/** What is said of stages and checks whose releases `--release` leaves out: they are neither waited for nor proven. */
export const NOT_PART = 'not part of this deploy'

/** Does the stage wait for anything of the releases that were selected? */
export function isPartOf(name: string, { project, stages }: Pick<Planned, 'project' | 'stages'>): boolean {
  if (!isPartial(project)) return true
  return stages.some((stage) => stage.name === name && stage.targets.length > 0)
}

/** The checks that this deploy makes: not those of Services that only a release has which is left out. */
export function checksOf(context: Planned): readonly Check[] {
  const { project, releases } = context
  if (!isPartial(project)) return project.verify
  const own = servicesOf(releases.flatMap(({ rendered }) => rendered.map(({ object }) => object)))
  const theirs = servicesOf(leftOutObjects(context))
  // What is not deployed yet may have it.
  const isUnknown = context.leftOut.some((one) => !isInstalled(one))
  return project.verify.filter((check) => own.has(serviceOf(check)) || !(isUnknown || theirs.has(serviceOf(check))))
}

/** For the journal: whoever goes back to this deploy waits for all that runs then, and for nothing that was never there. */
export function runningStages(context: Planned): readonly Stage[] {
  const { project, releases } = context
  if (!isPartial(project)) return project.stages
  const own = releases.flatMap(({ rendered }) => rendered.map(({ object }) => object))
  return presentStages(project, [...own, ...leftOutObjects(context)]).stages
}

/** The same of `verify`. */
export function runningChecks(context: Planned): readonly Check[] {
  const { project } = context
  if (!isPartial(project)) return project.verify
  const made = checksOf(context)
  const theirs = servicesOf(leftOutObjects(context))
  return project.verify.filter((check) => made.includes(check) || theirs.has(serviceOf(check)))
}

function servicesOf(objects: readonly KubeObject[]): Set<string> {
  return new Set(objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name))
}

/** `https:web` asks the Service `web` by TLS. */
function serviceOf({ service }: Check): string {
  return service.replace(/^https?:/u, '')
}
