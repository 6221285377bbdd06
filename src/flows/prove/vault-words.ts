import type { KubeObject } from '../../domain/kube.ts'
import type { Failure } from '../../domain/readiness/model.ts'
import { agentFailure } from '../../domain/vault/agent-failure.ts'
import { agentWords } from '../../domain/vault/agent-log.ts'
import { injectionOf } from '../../domain/vault/injection.ts'
import { AGENT_INIT } from '../../domain/vault/webhook.ts'
import type { ClusterReader } from '../../ports.ts'
import { expected } from '../../expected.ts'
import { whyNoAgent } from '../vault/injector.ts'

/** What must be asked for it. */
export interface VaultLook {
  readonly cluster: Pick<ClusterReader, 'get' | 'list'>
  readonly signal: AbortSignal
  readonly namespace: string
  /** As it was seen last. */
  readonly pod: (name: string) => KubeObject | undefined
  /** So many of the last lines of a container. */
  readonly tail: (pod: NonNullable<Failure['pod']>, count: number) => Promise<readonly string[]>
}

/** An answer of the server takes eight lines, and the end of an agent another ten. */
const ENOUGH = 60

interface Told {
  readonly failure: Failure
  /** Instead of the last lines of the log, which mostly say something else. */
  readonly lines?: readonly string[]
}

/** A verdict on pods with an agent of Vault, or without the one that they ask for: with why, as far as that can be looked up. */
export async function withVault(name: string, failure: Failure, look: VaultLook): Promise<Told> {
  if (failure.code === 'E_VAULT_NOT_INJECTED') return { failure: await notInjected(name, failure, look) }
  const { pod } = failure
  if (pod?.container !== AGENT_INIT) return { failure }
  const lines = await tried(look.tail(pod, ENOUGH))
  const words = agentWords(lines ?? [])
  if (words === undefined) return { failure }
  const object = look.pod(pod.name)
  const injection = injectionOf(object?.metadata.annotations ?? {})
  return { failure: agentFailure(name, failure, words, injection), lines: [words.line] }
}

async function notInjected(
  name: string,
  failure: Failure,
  { cluster, signal, namespace, pod }: VaultLook,
): Promise<Failure> {
  const [podName = ''] = failure.pods ?? []
  const object = pod(podName)
  const place = object?.metadata.namespace ?? namespace
  const labels = object?.metadata.labels
  const why = await tried(whyNoAgent(cluster, { namespace: place, labels }, signal))
  return why === undefined ? failure : { ...failure, message: `${name} gets no agent of Vault: ${why}` }
}

/** A verdict stands without what could not be looked up. */
async function tried<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    expected(error)
    return undefined
  }
}
