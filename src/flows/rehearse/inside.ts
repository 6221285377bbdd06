import { withGiven } from '../../domain/rehearsal/awaited.ts'
import { forSandbox } from '../../domain/rehearsal/adapt.ts'
import type { Detail } from '../../domain/events/model.ts'
import type { Project } from '../../domain/config/model.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { RenderedThere } from '../../domain/rehearsal/stand-in.ts'
import { fittings } from '../../domain/rehearsal/fittings.ts'
import { withValues } from '../../domain/plan/preserved.ts'
import { deploy, type DeployEnd } from '../deploy/deploy.ts'
import type { DeployOptions } from '../deploy/options.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { Captured } from './capture.ts'
import type { MadeSandbox, RehearsalPorts } from './ports.ts'
import { quietly, withoutTrace } from './quiet.ts'
import type { Tonight } from './rehearse.ts'

/** What the plan in the environment has found, and the one in a sandbox goes by. */
export interface Given {
  /** References by image name. */
  readonly images: ReadonlyMap<string, string>
  /** By the release's name. */
  readonly releases: ReadonlyMap<string, RenderedThere>
  /** Secrets that something else makes while the deploy runs. */
  readonly secrets: Captured['given']
}

export function givenBy({ planned: { images, releases }, captured }: Pick<Tonight, 'planned' | 'captured'>): Given {
  const rendered = releases.map(({ release, manifest, rendered, marks }): [string, RenderedThere] => [
    release.name,
    { manifest, rendered, marks },
  ])
  return { images, releases: new Map(rendered), secrets: captured.given }
}

export interface Inside {
  readonly sandbox: Pick<MadeSandbox, 'cluster' | 'charts'>
  readonly given: Given
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
  { sandbox: { cluster, charts }, given, tell, object = same, project = same }: Inside,
  { environment: own, disguise }: RehearsalPorts,
): DeployPorts {
  const standIn = {
    disguise,
    releases: given.releases,
    project: (whole: Project) => project(forSandbox(whole, given.images)),
    object: (one: KubeObject) => object(withGiven(fitted(disguise.object(one)), given.secrets)),
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
