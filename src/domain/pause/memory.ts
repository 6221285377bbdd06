import { isMap, type PlainMap } from '../config/path.ts'
import { parseJson } from '../json.ts'
import type { KubeObject } from '../kube.ts'

/** What a paused object bears until it is resumed: who paused it, when, and how it was. */
export const PAUSED = 'forge.api-forge.io/paused'

export interface PauseMemory {
  /** ISO 8601. */
  readonly since: string
  /** `ops@laptop` */
  readonly by: string
  /** The number of the pause in the history. */
  readonly deploy: number
  /** What its `spec.replicas` was. Of what is suspended or hibernated nothing more is needed. */
  readonly replicas?: number
}

export function memoryText({ since, by, deploy, replicas }: PauseMemory): string {
  return JSON.stringify({ ...(replicas === undefined ? {} : { replicas }), since, by, deploy })
}

/** Undefined: it is not paused by forge. One that somebody has garbled still says that it is. */
export function memoryOf({ metadata: { annotations } }: Pick<KubeObject, 'metadata'>): PauseMemory | undefined {
  const text = annotations?.[PAUSED]
  if (text === undefined) return undefined
  const value = parseJson(text)
  const found: PlainMap = isMap(value) ? value : {}
  const { replicas, since, by, deploy } = found
  return {
    since: typeof since === 'string' ? since : '',
    by: typeof by === 'string' ? by : 'somebody',
    deploy: typeof deploy === 'number' ? deploy : 0,
    ...(typeof replicas === 'number' ? { replicas } : {}),
  }
}

/** The field manager of all that a pause writes, so that it can be taken back without a trace. */
export const PAUSE_MANAGER = 'forge-pause'
