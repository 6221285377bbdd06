import type { KubeObject } from '../../domain/kube.ts'
import type { WorkloadStatus } from '../../domain/status/model.ts'
import { expected } from '../../expected.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { LogsScope } from '../logs/component.ts'
import { status, type StatusPorts } from '../status/status.ts'

export type LookScope = LogsScope & Parameters<typeof status>[0]

/** E_POD_NOT_READY: why, by the verdict of `forge status`. */
export async function notReady(
  component: string,
  pods: readonly KubeObject[],
  scope: LookScope,
  ports: StatusPorts,
): Promise<ForgeError> {
  const sentence = pods.length === 0 ? `${component} has no pod now` : `no pod of ${component} is ready`
  return new ForgeError('E_POD_NOT_READY', because(sentence, await reasonOf(component, pods, scope, ports)), {
    hint: forge('status', ...scope.flags),
    where: `namespace ${scope.namespace}`,
  })
}

/** `no pod of app is ready: 0/2 available`, for whoever waits for one: the same whether those that were are still going. */
export async function noneReady(
  component: string,
  pods: readonly KubeObject[],
  scope: LookScope,
  ports: StatusPorts,
): Promise<string> {
  return because(`no pod of ${component} is ready`, await reasonOf(component, pods, scope, ports))
}

function because(sentence: string, reason: string | undefined): string {
  return reason === undefined ? sentence : `${sentence}: ${reason}`
}

/** None where nobody may look: what was asked for fails anyhow. */
async function reasonOf(
  component: string,
  pods: readonly KubeObject[],
  scope: LookScope,
  ports: StatusPorts,
): Promise<string | undefined> {
  try {
    const { document } = await status(scope, ports)
    const all = document.stages.flatMap(({ workloads }) => workloads)
    const own = all.filter((one) => isOf(one, component, pods) && one.state !== 'ready')
    const told = own.find(({ state }) => state === 'failed') ?? own[0]
    return told?.reason
  } catch (error) {
    expected(error)
    return undefined
  }
}

/** Pods have the name of what made them, and more. */
function isOf({ object, name }: WorkloadStatus, component: string, pods: readonly KubeObject[]): boolean {
  const own = object.slice(object.indexOf('/') + 1).replace(/ .*$/u, '')
  return own === component || name === component || pods.some(({ metadata }) => metadata.name.startsWith(`${own}-`))
}
