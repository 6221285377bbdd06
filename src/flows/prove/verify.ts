import type { Check } from '../../domain/config/model.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import { timeLimit, type TimeLimit } from '../../time-limit.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { checksOf, NOT_PART } from './part.ts'

/** Pods are ready before every proxy knows their addresses, and clients that lost a server try again a moment later. */
const ASK_AGAIN_MS = 250

type Ports = Pick<DeployPorts, 'signal' | 'clock'>

export interface Scene {
  readonly cluster: Pick<Planned['cluster'], 'ask'>
  readonly namespace: string
  /** Nothing serves there. */
  readonly simulated: boolean
}

/** After the last stage: does the stack answer? A sandbox has nothing that could; then it says `simulated`. */
export async function verify(context: Planned, ports: Ports): Promise<string[]> {
  const { project, options, cluster } = context
  if (options.skipVerify) return project.verify.length > 0 ? ['verify skipped'] : []
  const { namespace, cluster: target } = project.environment
  const scene = { cluster, namespace, simulated: target.sandbox }
  return await verifyChecks(project.verify, scene, ports, new Set(checksOf(context)))
}

/** `part`: those that are made. */
export async function verifyChecks(
  checks: readonly Check[],
  scene: Scene,
  ports: Ports,
  part: ReadonlySet<Check> = new Set(checks),
): Promise<string[]> {
  return await Promise.all(
    checks.map(async (check) => {
      if (!part.has(check)) return `GET ${check.path} ${NOT_PART}`
      return scene.simulated ? `GET ${check.path} simulated` : await answer(check, scene, ports)
    }),
  )
}

/** The answer that is wanted; another one is asked for again until the check's time is up. Throws E_VERIFY with the last one. */
async function answer(check: Check, scene: Scene, { signal, clock }: Ports): Promise<string> {
  const limit = timeLimit(check.timeoutMs, { clock, signal })
  try {
    return await answerWithin(check, scene, limit, { signal, clock })
  } finally {
    limit.end()
  }
}

async function answerWithin(
  check: Check,
  { cluster, namespace }: Scene,
  limit: TimeLimit,
  { signal, clock }: Ports,
): Promise<string> {
  const { service, port, path, status, timeoutMs } = check
  let last = { brief: `gave no answer within ${timeoutMs / 1000} s`, more: '' }
  while (!limit.isUp()) {
    const found = await cluster.ask({ namespace, service, port, path }, limit.signal).catch((error: unknown) => {
      if (signal.aborted || !limit.isUp()) throw error
    })
    if (found === undefined) break
    if (found.status === status) return `GET ${path} ${found.status}`
    const body = (found.body.trim().split('\n')[0] ?? '').slice(0, 200)
    last = { brief: `answered ${found.status}`, more: ` instead of ${status}: ${body}` }
    await clock.after(ASK_AGAIN_MS, signal)
  }
  throw new ForgeError('E_VERIFY', `GET ${path} of service ${service} ${last.brief}${last.more}`, {
    hint: kubectl(['get', '--raw', `/api/v1/namespaces/${namespace}/services/${service}:${port}/proxy${path}`]),
    chain: [`Service/${service}`, `GET ${path}`, last.brief],
    where: `${check.at.file}:${check.at.line}`,
  })
}
