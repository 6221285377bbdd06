import { planRights } from '../../domain/access/rights.ts'
import { missingPermissions } from '../../domain/access/permissions.ts'
import { skewOf } from '../../domain/doctor/skew.ts'
import { forge, kubectl } from '../../hint.ts'
import type { Machine } from '../../machine-port.ts'
import { workOf } from '../observe/permissions.ts'
import { found, passedOver, refuse, warn, type Check } from '../phases/findings.ts'
import type { Opened } from '../phases/opened.ts'
import type { Observed } from '../phases/observed.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { ENFORCED } from '../plan/pods.ts'
import { writtenObjects } from '../plan/checks.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** Milliseconds of one answer; a deploy asks for some hundred. */
const SLOW_MS = 500

export function checkLatency({ clock }: Pick<DeployPorts, 'clock'>): Check<Opened> {
  return async ({ cluster, project: { environment } }, { signal }) => {
    const begin = clock.monotonic()
    const { gitVersion } = await cluster.version(signal)
    const took = Math.round(clock.monotonic() - begin)
    const said = `Kubernetes ${gitVersion.replace(/^v/u, '')} answers within ${took} ms`
    if (took <= SLOW_MS) return [found(said)]
    return [
      warn(`${said}: a deploy will be slow`, { hint: kubectl(['get', 'namespace', environment.namespace, '-v=6']) }),
    ]
  }
}

export function checkSkew(version: string | undefined): Check<Observed> {
  return ({ facts }) => {
    if (version === undefined) return []
    const skew = skewOf(version, facts.version)
    return [
      skew === undefined ? found(`kubectl ${version}`) : warn(skew, { hint: kubectl(['version']), where: 'kubectl' }),
    ]
  }
}

export const checkHelmVersion: Check<Opened> = ({ charts }) => [found(`helm ${charts.version}`)]

/** A Role in a namespace may speak of that namespace; who may not read it does not know whether it is there. */
export const checkHome: Check<Observed> = async ({ cluster, facts }, { signal }) => {
  const all = facts.namespaces.map(async ({ name, object }) => {
    const ref = { apiVersion: 'v1', kind: 'Namespace', name }
    const answer =
      object === undefined
        ? await unlessForbidden(cluster.get(ref, signal).then((there) => ({ there })))
        : { there: object }
    if (answer === undefined) return passedOver(`namespace ${name}`, `you may not get namespace ${name}`)
    if (answer.there === undefined) return found(`namespace ${name} is not there yet: a deploy makes it`)
    const level = answer.there.metadata.labels?.[ENFORCED]
    return found(`namespace ${name} is there${level === undefined ? '' : `, Pod Security ${level}`}`)
  })
  return await Promise.all(all)
}

/** By the list that `forge rbac --for plan` goes by. Those for a deploy are looked at by the deploy's own checks. */
export const checkPlanRights: Check<Compared> = async (known, { signal }) => {
  const { objects, definitions } = writtenObjects(known.releases)
  const places = planRights({ ...workOf(known, { objects, definitions }), provesCluster: false })
  const read = places.map(async ({ namespace, permissions }) => {
    const there = known.facts.namespaces.find(({ name }) => name === namespace)?.rules
    const rules = there ?? (await known.cluster.rules(namespace ?? 'forge-anywhere', signal))
    if (rules.incomplete) return passedOver('rights for a plan', 'the cluster does not list them')
    const lacking = missingPermissions(permissions, rules)
    if (lacking.length === 0) return []
    const message = 'rights for a plan are missing'
    const hint = forge('rbac', '--env', known.project.environment.name, '--for', 'plan')
    return { ...refuse('E_FORBIDDEN', message, { hint }), lacking: { namespace, permissions: lacking } }
  })
  return (await Promise.all(read)).flat()
}

/** What a deploy runs on this machine beside helm. `version`: of kubectl. */
export function checkPrograms(version: string | undefined, machine: Machine): Check<Pick<Opened, 'project'>> {
  return async ({ project }, { signal }) => {
    const without = warn('kubectl is not on PATH: forge needs none, but most of its hints are commands for it', {
      hint: forge('explain', 'E_TOOL_MISSING'),
      where: 'PATH',
    })
    const first = [found(`Node ${machine.node}`), ...(version === undefined ? [without] : [])]
    const encrypted = project.secrets.some(({ keys }) => keys.some(({ source }) => source.kind === 'sops'))
    if (!encrypted) return first
    const sops = await machine.version('sops', signal)
    const lack = 'forge.yaml has secrets from sops, which is not on PATH'
    const sopsFound =
      sops === undefined
        ? refuse('E_TOOL_MISSING', lack, { hint: machine.getting('sops'), where: 'PATH' })
        : found(`sops ${sops}`)
    return [...first, sopsFound]
  }
}

/** The container CLI, where a deploy builds images; it refuses by itself where there is none. */
export function checkBuilder({ builder }: Pick<DeployPorts, 'builder'>): Check<Pick<Opened, 'project'>> {
  return async ({ project: { images, environment } }, { signal }) => {
    const builds = images.some(({ from }) => from.kind !== 'ref') && !environment.cluster.sandbox
    return builds ? [found(`${await builder.find(signal)} builds images`)] : []
  }
}
