import { nearest, suggestion } from '../../domain/config/nearest.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { containersOf } from '../../domain/logs/runs.ts'
import { ForgeError } from '../../errors.ts'
import { again } from '../../hint.ts'

/** Which lines of a component's logs are wanted. */
export interface LogsChoice {
  readonly component: string
  /** Lines of each container, before any pattern; later runs and pods of a log that is followed are read whole. */
  readonly tail: number
  /** Written within so many milliseconds, by the clock of the node. */
  readonly sinceMs: number | undefined
  /** Of this container of each pod alone. */
  readonly container: string | undefined
  /** Asked of what may be shown, never of what stands in the log: else a secret could be found out by guessing at it. */
  readonly pattern: { readonly text: string; readonly matches: (line: string) => boolean } | undefined
}

/** Throws E_CONTAINER_UNKNOWN with those that there are. Without pods nobody can know. */
export function requireContainer({ component, container }: LogsChoice, pods: readonly KubeObject[]): void {
  const known = [...new Set(pods.flatMap(containersOf))]
  const [first] = known
  if (container === undefined || first === undefined || known.includes(container)) return
  throw new ForgeError(
    'E_CONTAINER_UNKNOWN',
    `no pod of ${component} has a container ${container}${suggestion(container, known)}`,
    { hint: again('--container', nearest(container, known) ?? first), where: `component ${component}` },
  )
}
