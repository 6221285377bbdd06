import type { Requirements } from '../../domain/config/model.ts'
import { codedError, type CodedProblem } from '../../domain/config/problems.ts'
import type { KubeObject } from '../../domain/kube.ts'
import {
  lackingClass,
  lackingDefinition,
  lackingKeys,
  lackingOperator,
  lackingService,
} from '../../domain/requirements/judge.ts'
import { counted } from '../../domain/screen/counted.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
import type { Observed } from '../phases/observed.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { Opened } from '../phases/opened.ts'
import type { Found } from '../phases/phases.ts'
import { observe } from './observe.ts'
import { ROLLED_OUT } from '../../domain/workload-kinds.ts'

/** Step 1 of a deploy: that it can be tried at all, and that what forge.yaml requires is there. */
export async function observeRequired(opened: Opened, ports: DeployPorts): Promise<Found<Observed>> {
  const { value, said } = await observe(opened, ports)
  const required = await checkRequirements(value, ports)
  return { value, said: required === undefined ? said : `${said}, ${required}` }
}

/** One requirement: the problem that it is, or undefined when it is met. */
type Check = { readonly what: string; readonly ask: () => Promise<CodedProblem | undefined> }

/**
 * What `requirements` names must be there before anything is built or written. All that is missing is told at once; what
 * may not be looked at is "not checked" and stops nothing (docs/design.md, "Rights"). Undefined: nothing is required.
 */
async function checkRequirements(context: Observed, { signal }: DeployPorts): Promise<string | undefined> {
  const checks = checksOf(context, signal)
  if (checks.length === 0) return undefined
  const unknown: string[] = []
  const problems = await Promise.all(
    checks.map(async ({ what, ask }) => {
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof ForgeError) || error.code !== 'E_FORBIDDEN') throw error
        unknown.push(what)
        context.notChecked.push(`${what}: not checked, ${error.message}`)
        return undefined
      }
    }),
  )
  const lacking = problems.filter((problem) => problem !== undefined)
  const error = codedError(lacking, forge('plan', '--env', context.project.environment.name))
  if (error !== undefined) throw error
  const met = counted(checks.length - unknown.length, 'requirement')
  return unknown.length === 0 ? `${met} met` : `${met} met, not checked: ${unknown.sort().join(', ')}`
}

function checksOf(context: Observed, signal: AbortSignal): Check[] {
  const { requirements } = context.project
  return [
    ...definitionChecks(context, requirements.crds),
    ...operatorChecks(context, requirements.operators, signal),
    ...secretChecks(context, requirements.secrets, signal),
    ...serviceChecks(context, requirements.services, signal),
    ...classChecks(context, requirements.storageClass, signal),
  ]
}

function definitionChecks({ facts }: Observed, wanted: Requirements['crds']): Check[] {
  return wanted.map((one) => ({
    what: `CRD ${one.name}`,
    ask: () => {
      const lack = lackingDefinition(one, facts.resources)
      const hint = kubectl(['get', 'customresourcedefinitions'])
      return Promise.resolve(problem('E_REQUIRED_CRD', `CRD ${one.name}`, lack, { at: one.at, hint }))
    },
  }))
}

function operatorChecks({ cluster }: Observed, wanted: Requirements['operators'], signal: AbortSignal): Check[] {
  // One list of each kind serves all operators of a namespace, and of none.
  const lists = new Map<string, Promise<readonly KubeObject[]>>()
  const workloadsIn = async (namespace: string | undefined): Promise<readonly KubeObject[]> => {
    const options = namespace === undefined ? {} : { namespace }
    const list = async (): Promise<readonly KubeObject[]> =>
      (await Promise.all(ROLLED_OUT.map(async (kind) => await cluster.list(kind, options, signal)))).flat()
    const known = lists.get(namespace ?? '') ?? list()
    lists.set(namespace ?? '', known)
    return await known
  }
  return wanted.map((one) => {
    const what = `operator ${one.namespace === undefined ? '' : `${one.namespace}/`}${one.name}`
    const everywhere = one.namespace === undefined ? ['--all-namespaces'] : []
    const hint = kubectl(['get', 'deployments,statefulsets,daemonsets', ...everywhere], one.namespace)
    return {
      what,
      ask: async () => {
        const lack = lackingOperator(one, await workloadsIn(one.namespace))
        return problem('E_REQUIRED_OPERATOR', what, lack, { at: one.at, hint })
      },
    }
  })
}

function secretChecks({ cluster, project }: Observed, wanted: Requirements['secrets'], signal: AbortSignal): Check[] {
  const { namespace } = project.environment
  return wanted.map((one) => ({
    what: `Secret ${one.name}`,
    ask: async () => {
      const live = await cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: one.name }, signal)
      const lack = lackingKeys(one, live, namespace)
      const hint = kubectl(live === undefined ? ['get', 'secrets'] : ['describe', 'secret', one.name], namespace)
      return problem('E_REQUIRED_SECRET', `Secret ${one.name}`, lack, { at: one.at, hint })
    },
  }))
}

function serviceChecks({ cluster, project }: Observed, wanted: Requirements['services'], signal: AbortSignal): Check[] {
  return wanted.map((one) => ({
    what: `Service ${one.name}`,
    ask: async () => {
      const namespace = one.namespace ?? project.environment.namespace
      const [live, slices] = await Promise.all([
        cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name: one.name }, signal),
        cluster.list(
          { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
          { namespace, labelSelector: `kubernetes.io/service-name=${one.name}` },
          signal,
        ),
      ])
      const lack = lackingService(one, live, slices, namespace)
      const hint = kubectl(['get', 'services,endpointslices'], namespace)
      return problem('E_REQUIRED_SERVICE', `Service ${one.name}`, lack, { at: one.at, hint })
    },
  }))
}

function classChecks({ cluster }: Observed, wanted: Requirements['storageClass'], signal: AbortSignal): Check[] {
  if (wanted === undefined) return []
  const what = wanted.name === 'any' ? 'some StorageClass' : `StorageClass ${wanted.name}`
  const ask = async (): Promise<CodedProblem | undefined> => {
    const classes = await cluster.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, {}, signal)
    const hint = kubectl(['get', 'storageclasses'])
    return problem('E_REQUIRED_STORAGE', what, lackingClass(wanted, classes), { at: wanted.at, hint })
  }
  return [{ what, ask }]
}

function problem(
  code: CodedProblem['code'],
  what: string,
  lack: string | undefined,
  more: Pick<CodedProblem, 'at' | 'hint'>,
): CodedProblem | undefined {
  return lack === undefined ? undefined : { code, message: `required ${what} ${lack}`, ...more }
}
