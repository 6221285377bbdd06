import { Events } from '../../../src/domain/events/events.ts'
import { claimed, leaseRef } from '../../../src/domain/lease/lease.ts'
import { Redactor } from '../../../src/domain/redact/redactor.ts'
import { ForgeError } from '../../../src/errors.ts'
import type { DeployOptions } from '../../../src/flows/deploy/options.ts'
import type { DeployPorts } from '../../../src/flows/phases/ports.ts'
import { deploy, type DeployEnd } from '../../../src/flows/deploy/deploy.ts'
import { plan, type PlanEnd } from '../../../src/flows/deploy/plan.ts'
import { recoverScope, type RecoveredScope } from '../../../src/flows/recovery/recover-scope.ts'
import type { RecoveryOptions } from '../../../src/flows/recovery/recover.ts'
import { rollback, type RollbackEnd, type RollbackRequest } from '../../../src/flows/rollback/rollback.ts'
import type { ScopeRequest } from '../../../src/flows/state/scope.ts'
import { uninstall, type UninstallEnd, type UninstallRequest } from '../../../src/flows/uninstall/uninstall.ts'
import { again } from '../../../src/hint.ts'
import type { Clock, EvidenceStore, Files } from '../../../src/ports.ts'
import { HERE } from '../hints.ts'
import { projectPorts } from '../project-ports.ts'
import type { FakeCluster } from './cluster.ts'
import { connectTo } from './connection.ts'
import { Effects } from './effects.ts'
import { codecAtOnce } from './effect-name.ts'
import { FakeHelm } from './helm.ts'
import { inTime } from './in-time.ts'

export const SCOPE: Omit<ScopeRequest, 'command'> = {
  dir: '/p',
  env: 'test',
  namespace: undefined,
  project: undefined,
  context: undefined,
  kubeconfig: undefined,
}

/** One run of forge: a process of its own on a cluster that others use too. It is killed, stopped and fooled by its effects. */
export class Run {
  readonly effects = new Effects()
  readonly events = new Events()
  readonly said: string[] = []
  /** What was written down on this machine. */
  readonly evidence = new Map<string, string>()
  readonly ports: DeployPorts
  readonly cluster: FakeCluster
  readonly #stop = new AbortController()
  readonly #leave = new AbortController()

  constructor(cluster: FakeCluster, files: Files, who = 'me@here') {
    this.cluster = cluster
    const { signal } = this.#stop
    const clock = clockOf(cluster, this.effects)
    this.ports = {
      clock,
      signal,
      leave: this.#leave.signal,
      redactor: new Redactor(),
      here: HERE,
      events: this.events,
      screen: { width: undefined, mask: (line) => line },
      project: { ...projectPorts(files), clock, signal },
      preparations: () => Promise.resolve([]),
      connect: () =>
        Promise.resolve({
          cluster: connectTo(cluster, this.effects),
          charts: new FakeHelm(cluster, this.effects),
        }),
      ask: undefined,
      say: (lines) => void this.said.push(...lines),
      ...NO_IMAGES,
      codec: codecAtOnce,
      evidence: this.#store('evidence'),
      stacks: this.#store('stacks'),
      webhooks: { post: () => Promise.resolve({ status: 200 }) },
      runner: { identity: who, pid: 1, command: 'forge deploy' },
      randomBytes: (count) => new Uint8Array(count).fill(7),
    }
  }

  async deploy(options: Partial<DeployOptions> = {}): Promise<DeployEnd> {
    return await this.#ended(deploy(this.ports, { ...DEPLOY, ...options }))
  }

  async plan(options: Partial<DeployOptions> = {}): Promise<PlanEnd> {
    return await this.#ended(plan(this.ports, { ...DEPLOY, ...options }, undefined))
  }

  async rollback(request: Partial<RollbackRequest> = {}): Promise<RollbackEnd> {
    const scope = { command: 'rollback', ...SCOPE }
    return await this.#ended(rollback(this.ports, { ...ROLLBACK, scope, ...request }, () => []))
  }

  async uninstall(request: Partial<UninstallRequest> = {}): Promise<UninstallEnd> {
    const scope = { command: 'uninstall', ...SCOPE }
    return await this.#ended(uninstall(this.ports, { ...UNINSTALL, scope, ...request }, () => []))
  }

  async recover(options: Partial<RecoveryOptions> = {}): Promise<RecoveredScope> {
    const scope = { command: 'recover', ...SCOPE }
    return await this.#ended(recoverScope(scope, this.ports, { ...RECOVERY, ...options }))
  }

  /** Any other flow that is handed these ports. */
  async ends<T>(flow: Promise<T>): Promise<T> {
    return await this.#ended(flow)
  }

  /** Ctrl-C; the second one leaves everything as it is. */
  interrupt(): void {
    const reason = new ForgeError('E_INTERRUPTED', 'stopped by SIGINT', { hint: again(), exit: 130 })
    if (this.#stop.signal.aborted) this.#leave.abort(reason)
    this.#stop.abort(reason)
  }

  /** Somebody takes the lock, and this run has the time to notice. */
  async loseLock(): Promise<void> {
    const { store, clock } = this.cluster
    const place = { project: 'shop', namespace: 'shop' }
    const other = { identity: 'other@there', pid: 9, command: 'forge deploy' }
    store.put(claimed(store.get(leaseRef(place)), place, other, clock.now()))
    await clock.advance(6_000)
  }

  /** Rejects with `Killed` where it is. */
  async #ended<T>(flow: Promise<T>): Promise<T> {
    const killed = this.effects.dead.promise.then(() => {
      throw new Killed()
    })
    return await inTime(this.cluster.clock, Promise.race([flow, killed]))
  }

  #store(kind: string): EvidenceStore {
    return {
      open: async ({ deploy: number }) =>
        await this.effects.perform(kind, () => ({
          path: `/${kind}/${number}`,
          write: async (name: string, content: string) => {
            await this.effects.alive()
            this.evidence.set(`${kind}/${name}`, content)
          },
        })),
    }
  }
}

export class Killed extends Error {
  override readonly name = 'Killed'
}

export const DEPLOY: DeployOptions = {
  dir: '/p',
  dirGiven: true,
  env: 'test',
  values: [],
  set: [],
  yes: true,
  timeoutMs: undefined,
  skipBuild: true,
  skipVerify: false,
  rollback: true,
}

export const ROLLBACK: Omit<RollbackRequest, 'scope'> = {
  to: undefined,
  yes: true,
  dryRun: false,
  skipVerify: false,
  acceptDataLoss: false,
  confirm: [],
  timeoutMs: undefined,
}

const UNINSTALL: Omit<UninstallRequest, 'scope'> = {
  yes: true,
  dryRun: false,
  deleteData: false,
  confirm: undefined,
  timeoutMs: undefined,
}

const RECOVERY: RecoveryOptions = { dryRun: false, adoptPending: false, prove: true }

const NO_IMAGES: Pick<DeployPorts, 'builder' | 'contexts' | 'registries' | 'nodeImages' | 'platform'> = {
  builder: {
    find: () => Promise.resolve('docker'),
    build: () => Promise.resolve(),
    push: () => Promise.resolve(undefined),
    save: () => Promise.resolve(),
  },
  contexts: {
    isFolder: () => Promise.resolve(true),
    files: () => Promise.resolve([]),
    commit: () => Promise.resolve({ problem: 'no git here' }),
    origin: () => Promise.resolve({}),
  },
  registries: {
    look: () => Promise.resolve({ is: 'absent' }),
    pull: () => Promise.resolve({ is: 'there', digest: `sha256:${'0'.repeat(64)}` }),
  },
  nodeImages: () => ({ what: 'no nodes', lacking: () => Promise.resolve([]), load: () => Promise.resolve() }),
  platform: 'linux/amd64',
}

/** The time of the cluster; a run that is dead is never woken. */
function clockOf({ clock }: FakeCluster, effects: Effects): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: async (ms, signal) => {
      await effects.alive()
      await clock.after(ms, signal)
      await effects.alive()
    },
  }
}
