import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { stringify } from 'yaml'
import { freshNamespace, kubectl, object } from './cluster.ts'
import { FaultProxy } from './fault-proxy.ts'
import { faultyHelm } from './faulty-helm.ts'
import { startForge } from './forge.ts'
import { freeze, send } from './processes.ts'
import { projectOf, type TestProject } from './project.ts'
import { changes, ELSEWHERE, goodShape, maybe, objectsOf, type Shape } from './promise-shape.ts'
import { smallFiles } from './small.ts'
import { testSandbox } from './sandbox.ts'
import { WriteProxy } from './write-proxy.ts'

export type Fault =
  | {
      readonly kind: 'kill'
      readonly who: 'forge' | 'helm' | 'both'
      readonly write: number
      readonly fate: 'lose' | 'mute'
    }
  | { readonly kind: 'api'; readonly request: number; readonly times: number; readonly status: number }
  /** TMPDIR takes nothing. */
  | { readonly kind: 'disk' }

export const byHand = ['scale web', 'delete web', 'delete settings', 'delete job'] as const

export interface Step {
  readonly command: 'deploy' | 'rollback' | 'uninstall'
  readonly change: { readonly name: string; readonly isGood: boolean; readonly change: (before: Shape) => Shape }
  readonly before: (typeof byHand)[number] | undefined
  /** Does somebody do what a refusal asks for (confirm a loss, delete a hook that was left), and run it again? */
  readonly agrees: boolean
  readonly fault: Fault | undefined
}

export interface Scenario {
  readonly helm: 3 | 4
  readonly first: Shape
  readonly steps: readonly Step[]
}

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant('kill' as const),
    who: fc.constantFrom('forge' as const, 'helm' as const, 'both' as const),
    write: fc.integer({ min: 1, max: 16 }),
    fate: fc.constantFrom('lose' as const, 'mute' as const),
  }),
  fc.record({
    kind: fc.constant('api' as const),
    request: fc.integer({ min: 1, max: 60 }),
    times: fc.constantFrom(1, 3, 20),
    status: fc.constantFrom(500, 503, 429, 409),
  }),
  fc.constant({ kind: 'disk' as const }),
)

const step: fc.Arbitrary<Step> = fc.record({
  command: fc.constantFrom(
    'deploy' as const,
    'deploy' as const,
    'deploy' as const,
    'rollback' as const,
    'uninstall' as const,
  ),
  change: changes,
  before: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...byHand) },
  ),
  agrees: fc.boolean(),
  fault: maybe(fault),
})

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  helm: fc.constantFrom(3 as const, 4 as const),
  first: goodShape,
  steps: fc.array(step, { minLength: 1, maxLength: 3 }),
})

export interface Told {
  /** Undefined: it was killed. */
  readonly status: number | undefined
  readonly text: string
  /** Whether the fault was met at all. */
  readonly struck: boolean
}

/** One project in a namespace of its own, and how it is run under a fault. */
export class Stage {
  readonly namespace: string
  readonly #project: TestProject
  readonly #group: string
  readonly #helm: { readonly path: string; readonly folder: string }
  readonly #env: Record<string, string>
  readonly #kubeconfig: string

  static async open(helm: 3 | 4, group: string): Promise<Stage> {
    const { name, kubeconfig } = await testSandbox()
    const namespace = freshNamespace('promise')
    const project = await projectOf({
      ...smallFiles({ cluster: 'sandbox', namespace }, []),
    })
    await project.configure(['project'], namespace)
    const wrapped = await faultyHelm(helm, 'case "$1" in upgrade|rollback|uninstall) echo $$ > "$HERE/pid" ;; esac')
    const env = { FORGE_SANDBOX: name, FORGE_HELM: wrapped.path, KUBECACHEDIR: join(wrapped.folder, 'cache') }
    await kubectl(['create', 'namespace', `${namespace}${ELSEWHERE}`])
    return new Stage({ namespace, project, group, helm: wrapped, env, kubeconfig })
  }

  private constructor(parts: {
    readonly namespace: string
    readonly project: TestProject
    readonly group: string
    readonly helm: { readonly path: string; readonly folder: string }
    readonly env: Record<string, string>
    readonly kubeconfig: string
  }) {
    this.namespace = parts.namespace
    this.#project = parts.project
    this.#group = parts.group
    this.#helm = parts.helm
    this.#env = parts.env
    this.#kubeconfig = parts.kubeconfig
  }

  get dir(): string {
    return this.#project.dir
  }

  async render(shape: Shape): Promise<void> {
    await this.#project.write('values.yaml', stringify({ objects: objectsOf(shape, this.namespace, this.#group) }))
  }

  async byHand(what: (typeof byHand)[number]): Promise<void> {
    const [verb, name] = what.split(' ')
    const args =
      verb === 'scale'
        ? ['scale', 'deployment/web', '--replicas=3']
        : [
            'delete',
            { web: 'deployment/web', settings: 'configmap/settings', job: 'job/job' }[name ?? ''] ?? '',
            '--ignore-not-found',
          ]
    if (verb === 'scale' && (await object('deployment', 'web', this.namespace)) === undefined) return
    await kubectl([...args, '-n', this.namespace])
  }

  async deleteHook(): Promise<void> {
    await kubectl(['delete', 'job', 'hook', '-n', this.namespace])
  }

  async run(args: readonly string[], hit: Fault | undefined): Promise<Told> {
    if (hit?.kind === 'kill') return await this.#killed(args, hit)
    if (hit?.kind === 'api') return await this.#refused(args, hit)
    const full = join(this.#helm.folder, 'full')
    if (hit?.kind === 'disk') await writeFile(full, '')
    return await this.#start(args, this.#kubeconfig, hit?.kind === 'disk' ? { TMPDIR: full } : {})
  }

  async close(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
    await rm(this.#helm.folder, { recursive: true, force: true })
    await kubectl([
      'delete',
      'namespace',
      this.namespace,
      `${this.namespace}${ELSEWHERE}`,
      '--wait=false',
      '--ignore-not-found',
    ])
  }

  async #start(
    args: readonly string[],
    kubeconfig: string,
    more: Record<string, string> = {},
    begun: (pid: number) => void = () => undefined,
  ): Promise<Told> {
    const [command = '', ...flags] = args
    const all = [command, '-e', 'test', '-C', this.dir, '--kubeconfig', kubeconfig, ...flags]
    const running = startForge(all, { env: { ...this.#env, ...more } })
    begun(running.pid ?? 0)
    const { exitCode, stdout, stderr } = await running
    return { status: exitCode, text: `${stdout}\n${stderr}`, struck: true }
  }

  async #killed(args: readonly string[], { who, write, fate }: Fault & { readonly kind: 'kill' }): Promise<Told> {
    const folder = await mkdtemp(join(tmpdir(), 'forge-promise-'))
    await mkdir(folder, { recursive: true })
    const proxy = await WriteProxy.open(this.#kubeconfig, folder)
    let pid = 0
    let count = 0
    let struck = false
    const strike = async (): Promise<void> => {
      struck = true
      if (who === 'forge') return send(pid, 'SIGKILL')
      if (who === 'both') for (const one of await freeze(pid)) send(one, 'SIGKILL')
      else send(Number(await readFile(join(this.#helm.folder, 'pid'), 'utf8')), 'SIGKILL')
    }
    proxy.onWrite = ({ by }) => {
      if (who === 'helm' && by !== 'helm') return 'pass'
      count += 1
      return count === write ? fate : 'pass'
    }
    proxy.onHeld = async () => {
      if (count === write && !struck && fate === 'lose') await strike()
    }
    proxy.onAnswered = strike
    try {
      const told = await this.#start(args, proxy.kubeconfig, {}, (own) => (pid = own))
      return { ...told, struck }
    } finally {
      proxy.close()
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #refused(args: readonly string[], { request, times, status }: Fault & { readonly kind: 'api' }): Promise<Told> {
    const proxy = await FaultProxy.start(this.#kubeconfig)
    let struck = false
    proxy.answer(({ number, byForge, query }) => {
      if (!byForge || query.get('watch') === 'true' || number < request || number >= request + times) return undefined
      struck = true
      return { status }
    })
    try {
      return { ...(await this.#start(args, proxy.kubeconfig)), struck }
    } finally {
      await proxy.close()
    }
  }
}
