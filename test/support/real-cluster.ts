import { execa } from 'execa'
import { document, forge } from './forge.ts'
import type { LiveObject } from './cluster.ts'
import type { TestProject } from './project.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** The cluster of FORGE_TEST_KUBECONFIG, where containers really run. */
export const KUBECONFIG = process.env['FORGE_TEST_KUBECONFIG'] ?? ''

/** Tags of the application's image: 1.0.0 and 2.0.0 work, `broken` exits at once, `slow` serves after 20 s. */
export const image = (tag: '1.0.0' | '2.0.0' | 'broken' | 'slow'): string =>
  `${process.env['FORGE_TEST_APP_IMAGE'] ?? 'api-forge-app'}:${tag}`

/** Whose the namespaces are: of this run of the tests alone, because others may run on the same cluster. */
const BY = 'forge.test/by'
const run = (): string => process.env['FORGE_TEST_RUN'] ?? 'by-hand'

/** A measurement, for people: standard output of the tests belongs to Jest. */
export function print(text: string): void {
  process.stderr.write(`\n${text}\n`)
}

/** Called once per run. A run without a cluster fails with a sentence; it never skips. */
export async function expectRealCluster(): Promise<void> {
  process.env['FORGE_TEST_RUN'] = `${process.pid}-${Date.now().toString(36)}`
  const how = 'docs/real-cluster.md says how to get one'
  if (KUBECONFIG === '') throw new Error(`FORGE_TEST_KUBECONFIG is not set: test/real needs a real cluster; ${how}`)
  const asked = await kube(['version', '--request-timeout', '10s'], { reject: false })
  if (asked.exitCode !== 0)
    throw new Error(`the cluster of FORGE_TEST_KUBECONFIG (${KUBECONFIG}) does not answer; ${how}\n${asked.stderr}`)
}

export async function removeTestNamespaces(): Promise<void> {
  if (process.env['FORGE_TEST_KEEP'] === undefined)
    await kubectl(['delete', 'namespaces', '-l', `${BY}=${run()}`, '--wait=false'])
}

/** kubectl as it stands, for callers that look at the exit status. */
export async function kube(
  args: readonly string[],
  { input, reject = true }: { input?: string; reject?: boolean } = {},
) {
  return await execa('kubectl', ['--kubeconfig', KUBECONFIG, ...args], {
    reject,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  })
}

export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  return (await kube(args, input === undefined ? {} : { input })).stdout
}

export async function currentContext(): Promise<string> {
  return await kubectl(['config', 'current-context'])
}

export interface Executed {
  readonly status: number | undefined
  readonly output: string
}

/** A namespace of its own, and what the tests ask of it. */
export class RealNamespace {
  readonly name: string

  private constructor(name: string) {
    this.name = name
  }

  static async create(group: string): Promise<RealNamespace> {
    const name = `${process.env['FORGE_TEST_PREFIX'] ?? 'forge'}-${group}-${Date.now().toString(36)}`
    const labels = { [BY]: run(), 'forge.test/group': group }
    await kubectl(
      ['create', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }),
    )
    return new RealNamespace(name)
  }

  async remove(): Promise<void> {
    if (process.env['FORGE_TEST_KEEP'] === undefined) await kubectl(['delete', 'namespace', this.name, '--wait=false'])
  }

  async kubectl(args: readonly string[], input?: string): Promise<string> {
    return await kubectl(['-n', this.name, ...args], input)
  }

  async objects(kind: string, selector?: string): Promise<LiveObject[]> {
    const text = await this.kubectl(['get', kind, '-o', 'json', ...(selector === undefined ? [] : ['-l', selector])])
    return (JSON.parse(text) as { items: LiveObject[] }).items
  }

  /** The pods of a component that are not on their way out. */
  async pods(app?: string): Promise<Pod[]> {
    const found = await this.objects('pods', app === undefined ? undefined : `app.kubernetes.io/name=${app}`)
    return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined) as unknown as Pod[]
  }

  /** Runs a shell script in the first container of a Deployment. The exit status is the caller's to judge. */
  async exec(app: string, script: string, input?: string): Promise<Executed> {
    const args = [
      '-n',
      this.name,
      'exec',
      ...(input === undefined ? [] : ['-i']),
      `deploy/${app}`,
      '-c',
      app,
      '--',
      'sh',
      '-c',
      script,
    ]
    const { exitCode, stdout, stderr } = await kube(args, { reject: false, ...(input === undefined ? {} : { input }) })
    return { status: exitCode, output: `${stdout}\n${stderr}`.trim() }
  }

  /** A page of the application, through the API server's proxy. */
  async get(path: string, service = 'app:8000'): Promise<Record<string, unknown>> {
    return JSON.parse(
      await this.kubectl(['get', '--raw', `/api/v1/namespaces/${this.name}/services/${service}/proxy${path}`]),
    ) as Record<string, unknown>
  }

  async waitFor(what: string, condition: string, timeout = '120s'): Promise<void> {
    await this.kubectl(['wait', what, `--for=${condition}`, `--timeout=${timeout}`])
  }

  /** `forge deploy` of a project whose environment `real` is this namespace. */
  async deploy(project: TestProject, ...more: string[]): Promise<Deployed> {
    return await this.forge('deploy', project, ...more)
  }

  /** A command of the same kind: `rollback`. */
  async forge(command: string, { dir }: TestProject, ...more: string[]): Promise<Deployed> {
    const begin = Date.now()
    const ran = await forge([command, '--env', 'real', '-C', dir, '--json', '--kubeconfig', KUBECONFIG, ...more])
    return { status: ran.status, report: document<DeployReport>(ran), stderr: ran.stderr, begin, end: Date.now() }
  }
}

export interface Deployed {
  readonly status: number | undefined
  readonly report: DeployReport
  readonly stderr: string
  /** Milliseconds since 1970, of this machine. */
  readonly begin: number
  readonly end: number
}

interface ContainerState {
  readonly running?: { readonly startedAt: string }
  readonly terminated?: { readonly startedAt: string; readonly finishedAt: string; readonly exitCode: number }
}

export interface ContainerStatus {
  readonly name: string
  readonly restartCount: number
  readonly state: ContainerState
}

export interface Pod {
  readonly metadata: LiveObject['metadata'] & { readonly creationTimestamp: string }
  readonly spec: {
    readonly nodeName: string
    readonly securityContext: Readonly<Record<string, unknown>>
    readonly containers: readonly {
      readonly name: string
      readonly securityContext: Readonly<Record<string, unknown>>
    }[]
  }
  readonly status: {
    readonly phase: string
    readonly conditions: readonly {
      readonly type: string
      readonly status: string
      readonly lastTransitionTime: string
    }[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export const appOf = ({ metadata }: { readonly metadata: LiveObject['metadata'] }): string =>
  metadata.labels?.['app.kubernetes.io/name'] ?? metadata.name

/** Every container of a pod, those that ran before it included. */
export const containersOf = ({ status }: Pod): readonly ContainerStatus[] => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
]

/** How often the containers of these pods were started again, by pod and container; empty where none was. */
export function restarts(pods: readonly Pod[]): string[] {
  return pods.flatMap((pod) =>
    containersOf(pod).flatMap(({ name, restartCount }) =>
      restartCount === 0 ? [] : [`${pod.metadata.name} ${name}: ${restartCount}`],
    ),
  )
}
