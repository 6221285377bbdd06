import { backupOnlyRights } from '../domain/access/backup-only.ts'
import { rehearsalRights } from '../domain/access/rehearsal-rights.ts'
import { deployRights, lookRights, pauseRights } from '../domain/access/rights.ts'
import { rolesFor, type Subject } from '../domain/access/roles.ts'
import type { KubeObject } from '../domain/kube.ts'
import { ForgeError } from '../errors.ts'
import { again } from '../hint.ts'
import { openToRead } from './deploy/plan.ts'
import { deployPolicy, projectOf, type DeployOptions } from './deploy/options.ts'
import { configure } from './desire/configure.ts'
import { planImages } from './desire/images.ts'
import { connect } from './observe/open.ts'
import { observe } from './observe/observe.ts'
import { workOf } from './observe/permissions.ts'
import { asked } from './phases/asked.ts'
import { looking } from './phases/policy.ts'
import type { DeployPorts } from './phases/ports.ts'
import { writtenObjects } from './plan/checks.ts'
import { renderConcealing } from './plan/plan-deploy.ts'

export type Purpose = 'plan' | 'look' | 'pause' | 'backup' | 'deploy'

export interface RbacRequest {
  readonly purpose: Purpose
  /** Undefined: a service account of the project's own, which is made too. */
  readonly subject: string | undefined
}

export interface Rbac {
  readonly environment: string
  readonly namespace: string
  readonly objects: readonly KubeObject[]
}

/**
 * The least rights for a project in an environment, as objects to apply. By the same list as the checks of a deploy; the
 * cluster is asked for its kinds and for what the releases have by now. Reads only.
 */
export async function rbac(ports: DeployPorts, options: DeployOptions, request: RbacRequest): Promise<Rbac> {
  const project = await projectOf(options, ports.project)
  const { name: environment, namespace } = project.environment
  const wanted = asked(project, options, looking(deployPolicy(environment, undefined)))
  const opened = await openToRead(await connect(wanted, ports), ports)
  const { value: observed } = await observe(opened, [], ports)
  const { value: images } = await planImages(observed, ports)
  const { value: configured } = await configure({ ...images, secretPlans: [] }, ports)
  const rendering = await renderConcealing(configured, { freezes: false, twice: false, given: new Map() }, ports)
  const { objects, definitions } = writtenObjects(rendering.releases)
  const before = observed.releases.flatMap(({ previous }) => previous.map(({ object }) => object))
  const work = workOf(rendering, { objects: [...objects, ...before], definitions })
  const name = `forge-${project.name}-${request.purpose}`
  const who = subjectOf(request.subject ?? name, namespace)
  const rightsFor = {
    ...{ plan: rehearsalRights, look: lookRights, pause: pauseRights },
    ...{ backup: backupOnlyRights, deploy: deployRights },
  }
  const places = rightsFor[request.purpose](work)
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }
  return {
    environment,
    namespace,
    objects: [...(request.subject === undefined ? [account] : []), ...rolesFor(places, name, who, namespace)],
  }
}

/** `ci`, `serviceaccount:other/ci`, `user:jane@acme.dev`, `group:deployers`. Throws E_USAGE. */
function subjectOf(text: string, namespace: string): Subject {
  const [, kind = 'serviceaccount', rest = ''] = /^(?:(serviceaccount|user|group):)?(.+)$/u.exec(text) ?? []
  if (kind !== 'serviceaccount' && rest !== '') return { kind: kind === 'user' ? 'User' : 'Group', name: rest }
  const [, place = namespace, name] = /^(?:([a-z0-9-]+)\/)?([a-z0-9][a-z0-9.-]*)$/u.exec(rest) ?? []
  if (name !== undefined) return { kind: 'ServiceAccount', name, namespace: place }
  throw new ForgeError(
    'E_USAGE',
    `"${text}" is no subject: NAME, serviceaccount:NAMESPACE/NAME, user:NAME, group:NAME`,
    {
      hint: again('--subject', 'serviceaccount:ci'),
      where: '--subject',
    },
  )
}
