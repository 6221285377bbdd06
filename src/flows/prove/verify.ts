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

interface Scene {
  readonly cluster: Planned['cluster']
  readonly namespace: string
}

/** After the last stage: does the stack answer? A sandbox has nothing that could; then it says `simulated`. */
export async function verify(context: Planned, ports: Ports): Promise<string[]> {
  const { project, options, cluster } = context
  if (options.skipVerify) return project.verify.length > 0 ? ['verify skipped'] : []
  const asked = new Set(checksOf(context))
  const simulated = project.environment.cluster.sandbox
  return await Promise.all(
    project.verify.map(async (check) => {
      if (!asked.has(check)) return `GET ${check.path} ${NOT_PART}`
      if (simulated) return `GET ${check.path} simulated`
      return await answer(check, { cluster, namespace: project.environment.namespace }, ports)
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
