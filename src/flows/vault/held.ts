import type { Project } from '../../domain/config/model.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { HeldHome } from '../../domain/status/behind.ts'
import type { HomePlan } from '../../domain/vault/plan.ts'
import { homeMark, homeVersionOf, readerOf } from '../../domain/vault/readers.ts'
import type { Clock } from '../../ports.ts'
import { isExpected } from '../../expected.ts'
import { timeLimit } from '../../time-limit.ts'
import type { ProjectPorts, SecretSink } from '../project/ports.ts'
import { sameSince, unlessDenied } from './standing.ts'
import { openStore } from './store.ts'

/** Nobody waits longer for a row of `forge status`. */
const LOOK_MS = 5_000

export interface HeldPorts {
  /** Undefined: Vault is not asked. */
  readonly project?: ProjectPorts
  readonly redactor: SecretSink
  readonly clock: Clock
}

/**
 * Which version each path has that pods of the project say they began with, and which older ones hold the same in the keys that
 * they take. One request for each path; none where no template says so. What Vault does not tell is not known, as `forge secrets list` says.
 */
export async function heldHomes(
  checkout: Pick<Project, 'dir' | 'vault' | 'vaultSecrets'> | undefined,
  installed: readonly KubeObject[],
  { project, redactor, clock }: HeldPorts,
): Promise<ReadonlyMap<string, HeldHome>> {
  const specs = checkout?.vaultSecrets ?? []
  const marked = specs.filter(({ name }) => installed.some((object) => homeVersionOf(object, name) !== undefined))
  // A stranger's forge.yaml may not choose what is read there.
  if (checkout === undefined || project === undefined || project.confinement !== undefined || marked.length === 0)
    return new Map()
  const limit = timeLimit(LOOK_MS, { clock, signal: project.signal })
  const look = async (): Promise<Map<string, HeldHome>> => {
    const store = await openStore(checkout, { ...project, signal: limit.signal })
    const isSame = sameSince({ plans: [], store }, redactor)
    const found = marked.map(async ({ name, path }): Promise<[string, HeldHome][]> => {
      const now = await unlessDenied(store.newest(path), () => undefined)
      if (now?.state !== 'there' || now.engine === 1) return []
      const plan: HomePlan = { name, path, keys: [], rules: {}, now }
      const same = new Set([String(now.version)])
      for (const object of installed) {
        const [noted, reader] = [homeVersionOf(object, name), readerOf(object, path)]
        if (noted === undefined || reader === undefined || same.has(noted)) continue
        if (await isSame(plan, Number(noted), reader.keys)) same.add(noted)
      }
      return [[homeMark(name), { path, version: now.version, same }]]
    })
    return new Map((await Promise.all(found)).flat())
  }
  try {
    return await look()
  } catch (error) {
    project.signal.throwIfAborted()
    if (!isExpected(error)) throw error
    return new Map()
  } finally {
    limit.end()
  }
}
