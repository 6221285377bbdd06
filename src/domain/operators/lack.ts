import type { KubeObject } from '../kube.ts'
import { lackOf } from '../requirements/judge.ts'
import { isOperator, type Operator } from './known.ts'

/** What keeps an operator from acting. */
export interface OperatorLack {
  /** `no CloudNativePG operator runs here (Deployment cnpg-controller-manager not found)` */
  readonly text: string
  /**
   * `absent`: it is not there, or scaled to 0, so nothing changes by waiting. `down`: no pod of it is available, which may be
   * a restart. `unchecked`: nobody may look.
   */
  readonly state: 'absent' | 'down' | 'unchecked'
  /** It was so before the moment that counts; how it is now is being looked at. */
  readonly isOld?: boolean
}

/** `workloads`: those of the whole cluster. Undefined: it runs. */
export function lackingActor(operator: Operator, workloads: readonly KubeObject[]): OperatorLack | undefined {
  const own = workloads.filter((workload) => isOperator(workload, operator))
  const lack = lackOf(own)
  if (lack === undefined) return undefined
  const { called, kind = 'Deployment', workloads: names } = operator
  if (lack === 'none') return { text: `no ${called} runs here (${kind} ${names[0]} not found)`, state: 'absent' }
  const { where, why, isOff } = lack
  return { text: `the ${called} does not run (${where} ${why})`, state: isOff ? 'absent' : 'down' }
}

export function uncheckedActor({ called }: Operator, why: string): OperatorLack {
  return { text: `whether the ${called} runs is not checked: ${why}`, state: 'unchecked' }
}
