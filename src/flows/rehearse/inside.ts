import { withGiven, type Given } from '../../domain/rehearsal/awaited.ts'
import { forSandbox } from '../../domain/rehearsal/adapt.ts'
import type { Detail } from '../../domain/events/model.ts'
import type { Project } from '../../domain/config/model.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { RenderedThere } from '../../domain/rehearsal/stand-in.ts'
import { fittings } from '../../domain/rehearsal/fittings.ts'
import { withoutGitops } from '../../domain/rehearsal/managers.ts'
import { withValues } from '../../domain/plan/preserved.ts'
import { deploy, type DeployEnd } from '../deploy/deploy.ts'
import type { DeployOptions } from '../deploy/options.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { MadeSandbox, RehearsalPorts } from './ports.ts'
import { quietly, withoutTrace } from './quiet.ts'

/** What the plan in the environment has found, and the one in a sandbox goes by. */
export interface There {
  /** References by image name. */
  readonly images: ReadonlyMap<string, string>
  /** By the release's name. */
  readonly releases: ReadonlyMap<string, RenderedThere>
}

export function thereIn({ images, releases }: Planned): There {
  const rendered = releases.map(({ release, manifest, rendered, marks }): [string, RenderedThere] => [
    release.name,
    { manifest, rendered, marks },
  ])
  return { images, releases: new Map(rendered) }
}

export interface Inside {
  readonly sandbox: Pick<MadeSandbox, 'cluster' | 'charts'>
  readonly there: There
  readonly given: readonly Given[]
  readonly tell: (detail: Detail) => void
  /** What is otherwise than tonight: the failure that is let happen. */
  readonly object?: (object: KubeObject) => KubeObject
  readonly project?: (project: Project) => Project
}

/** The deploy as it would be in the environment, in a sandbox. */
export async function deployInside(inside: Inside, ports: RehearsalPorts, options: DeployOptions): Promise<DeployEnd> {
  return await deploy(portsInside(inside, ports), insideOptions(options))
}

/** Nobody is asked, nothing is built, and images are those of the plan. */
export function insideOptions(options: DeployOptions): DeployOptions {
  const { images: _, saved: __, ...rest } = options
  return { ...rest, yes: true, skipBuild: true, rollback: true }
}

/** Everything goes to the sandbox, and nothing that is secret does. */
export function portsInside(
  { sandbox: { cluster, charts }, there, given, tell, object = same, project = same }: Inside,
  { environment: own, disguise }: RehearsalPorts,
): DeployPorts {
  const standIn = {
    disguise,
    releases: there.releases,
    project: (whole: Project) => project(forSandbox(whole, there.images)),
    // A plan of what Flux or Argo CD deploys has their marks.
    object: (one: KubeObject) => object(withGiven(fitted(withoutGitops(disguise.known(one))), given)),
  }
  const ports = {
    ...own,
    project: { ...own.project, standIn },
    preparations: () => Promise.resolve([]),
    connect: () => Promise.resolve({ cluster, charts }),
  }
  return withoutTrace(quietly(ports, tell))
}

function fitted(object: KubeObject): KubeObject {
  return withValues(object, fittings(object))
}

function same<T>(value: T): T {
  return value
}
