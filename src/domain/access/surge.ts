/** Of a Deployment. */
export interface Strategy {
  readonly type?: string
  readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
}

/** maxSurge is 25 % unless said, rounded up (Kubernetes API, RollingUpdateDeployment). */
export function surgeOf(strategy: Strategy | undefined, replicas: number): number {
  if (strategy?.type === 'Recreate') return 0
  return countOf(strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, Math.ceil)
}

/** How many pods may leave before new ones are ready: maxUnavailable is 25 % unless said, rounded down. Never both nothing. */
export function mayLeave(strategy: Strategy | undefined, replicas: number): number {
  if (strategy?.type === 'Recreate') return replicas
  const stated = countOf(strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, Math.floor)
  return stated === 0 && surgeOf(strategy, replicas) === 0 ? 1 : stated
}

function countOf(value: number | string, replicas: number, round: (count: number) => number): number {
  const percent = /^(\d+)%$/u.exec(String(value))?.[1]
  return percent === undefined ? Number(value) : round((replicas * Number(percent)) / 100)
}
