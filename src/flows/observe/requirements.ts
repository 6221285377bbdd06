import type { Requirements } from '../../domain/config/requirements.ts'
import type { Position } from '../../domain/config/position.ts'
import { codedError, type CodedProblem } from '../../domain/config/problems.ts'
import type { KubeObject } from '../../domain/kube.ts'
import {
  lackingClass,
  lackingDefinition,
  lackingKeys,
  lackingOperator,
  lackingService,
} from '../../domain/requirements/judge.ts'
import { lackingNodes } from '../../domain/requirements/nodes.ts'
import { shownSelector } from '../../domain/selector.ts'
import { counted } from '../../screen/counted.ts'
import { forge, kubectl, type Hint } from '../../hint.ts'
import { settle, unchecked, type Check } from '../phases/findings.ts'
import type { Observed } from '../phases/observed.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { Opened } from '../phases/opened.ts'
import type { Found } from '../phases/phases.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { observe, OF_PROJECT } from './observe.ts'
import { requiredOfVault } from './required-vault.ts'
import { ROLLED_OUT } from '../../domain/workload-kinds.ts'

/** Step 1 of a deploy: that it can be tried at all, and that what forge.yaml requires is there. */
export async function observeRequired(
  opened: Opened,
  ports: DeployPorts,
  checks: readonly Check<Observed>[] = OF_PROJECT,
): Promise<Found<Observed>> {
  const { value, said } = await observe(opened, checks, ports)
  const required = await checkRequirements(value, ports)
  return { value, said: required === undefined ? said : `${said}, ${required}` }
}

/** One requirement. `lack`: how it is not met, in a clause; undefined: it is. */
export interface Required {
  readonly code: CodedProblem['code']
  readonly at: Position
  readonly what: string
  readonly ask: () => Promise<{
    readonly lack: string | undefined
    readonly doubt?: string
    readonly hint: Hint
    /** Another than that of the requirement. */
    readonly code?: CodedProblem['code']
  }>
}

/**
 * What `requirements` names must be there before anything is built or written. All that is missing is told at once; what
 * may not be looked at is "not checked" and stops nothing (docs/design.md, "Rights"). Undefined: nothing is required.
 */
export async function checkRequirements(context: Observed, ports: DeployPorts): Promise<string | undefined> {
  const all = [...requiredOf(context, ports.signal), ...(await requiredOfVault(context, ports))]
  if (all.length === 0) return undefined
  const unknown: string[] = []
  const problems = await Promise.all(
    all.map(async ({ code, at, what, ask }): Promise<CodedProblem[]> => {
      const found = await unlessForbidden(ask(), ({ message }) => {
        unknown.push(what)
        settle(context, [unchecked(what, message)], checkRequirements)
      })
      if (found?.doubt !== undefined) {
        unknown.push(what)
        settle(context, [unchecked(what, found.doubt)], checkRequirements)
      }
      if (found?.lack === undefined) return []
      const { lack, hint } = found
      return [{ code: found.code ?? code, at, message: `required ${what} ${lack}`, hint }]
    }),
  )
  const error = codedError(problems.flat(), forge('plan', '--env', context.project.environment.name))
  if (error !== undefined) settle(context, [{ kind: 'refuse', error }], checkRequirements)
  else if (unknown.length === 0) settle(context, [], checkRequirements)
  const met = counted(all.length - unknown.length - (error?.details.problems?.length ?? 0), 'requirement')
  return unknown.length === 0 ? `${met} met` : `${met} met, not checked: ${unknown.sort().join(', ')}`
}

function requiredOf(context: Observed, signal: AbortSignal): Required[] {
  const { requirements } = context.project
  return [
    ...definitions(context, requirements.crds),
    ...operators(context, requirements.operators, signal),
    ...secrets(context, requirements.secrets, signal),
    ...services(context, requirements.services, signal),
    ...nodes(context, requirements.nodes),
    ...classes(context, requirements.storageClass, signal),
  ]
}

function definitions({ facts }: Observed, wanted: Requirements['crds']): Required[] {
  const hint = kubectl(['get', 'customresourcedefinitions'])
  return wanted.map((one) => ({
    code: 'E_REQUIRED_CRD',
    at: one.at,
    what: `CRD ${one.name}`,
    ask: () => Promise.resolve({ lack: lackingDefinition(one, facts.resources), hint }),
  }))
}

function operators({ cluster }: Observed, wanted: Requirements['operators'], signal: AbortSignal): Required[] {
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
    const everywhere = one.namespace === undefined ? ['--all-namespaces'] : []
    const hint = kubectl(['get', 'deployments,statefulsets,daemonsets', ...everywhere], one.namespace)
    return {
      code: 'E_REQUIRED_OPERATOR',
      at: one.at,
      what: `operator ${one.namespace === undefined ? '' : `${one.namespace}/`}${one.name}`,
      ask: async () => ({ lack: lackingOperator(one, await workloadsIn(one.namespace)), hint }),
    }
  })
}

function secrets({ cluster, project }: Observed, wanted: Requirements['secrets'], signal: AbortSignal): Required[] {
  const { namespace } = project.environment
  return wanted.map((one) => ({
    code: 'E_REQUIRED_SECRET',
    at: one.at,
    what: `Secret ${one.name}`,
    ask: async () => {
      const live = await cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: one.name }, signal)
      const hint = kubectl(live === undefined ? ['get', 'secrets'] : ['describe', 'secret', one.name], namespace)
      return { lack: lackingKeys(one, live, namespace), hint }
    },
  }))
}

function services({ cluster, project }: Observed, wanted: Requirements['services'], signal: AbortSignal): Required[] {
  return wanted.map((one) => ({
    code: 'E_REQUIRED_SERVICE',
    at: one.at,
    what: `Service ${one.name}`,
    ask: async () => {
      const namespace = one.namespace ?? project.environment.namespace
      const options = { namespace, labelSelector: `kubernetes.io/service-name=${one.name}` }
      const [live, slices] = await Promise.all([
        cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name: one.name }, signal),
        cluster.list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, options, signal),
      ])
      const lack = lackingService(one, live, slices, namespace)
      return { lack, hint: kubectl(['get', 'services,endpointslices'], namespace) }
    },
  }))
}

function nodes({ facts }: Observed, wanted: Requirements['nodes']): Required[] {
  const hint = kubectl(['get', 'nodes', '--show-labels'])
  return wanted.map((one) => ({
    code: 'E_REQUIRED_NODES',
    at: one.at,
    what: ['nodes', shownSelector({ matchLabels: one.selector })].join(' ').trim(),
    ask: () => Promise.resolve({ lack: undefined, ...lackingNodes(one, facts.nodes), hint }),
  }))
}

function classes({ cluster }: Observed, wanted: Requirements['storageClass'], signal: AbortSignal): Required[] {
  if (wanted === undefined) return []
  const what = wanted.name === 'any' ? 'some StorageClass' : `StorageClass ${wanted.name}`
  const ask: Required['ask'] = async () => {
    const found = await cluster.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, {}, signal)
    return { lack: lackingClass(wanted, found), hint: kubectl(['get', 'storageclasses']) }
  }
  return [{ code: 'E_REQUIRED_STORAGE', at: wanted.at, what, ask }]
}
