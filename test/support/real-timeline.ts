import { execa } from 'execa'
import { createInterface } from 'node:readline'
import { KUBECONFIG, appOf, containersOf, type Deployed, type Pod, type RealNamespace } from './real-cluster.ts'

/** What is watched: a line per change, whose first word is the object and whose second says whether it is up. */
const WATCHED = {
  pods: '{.metadata.name}|{.status.phase}{.status.conditions[?(@.type=="Ready")].status}',
  deployments: '{.metadata.name}|{.status.conditions[?(@.type=="Available")].status}',
  jobs: '{.metadata.name}|{.status.conditions[?(@.type=="Complete")].status}',
}

function watch(kind: keyof typeof WATCHED, namespace: string) {
  const args = ['-n', namespace, 'get', kind, '--watch', '-o', `jsonpath=${WATCHED[kind]}{"\\n"}`]
  return execa('kubectl', ['--kubeconfig', KUBECONFIG, ...args], { reject: false, stdin: 'ignore', buffer: false })
}

/** When a stack came up, in milliseconds of this machine's clock: the API server's own times have whole seconds only. */
export class Timeline {
  readonly #watches: readonly { readonly process: ReturnType<typeof watch>; readonly read: Promise<void> }[]
  readonly #up = new Map<string, number>()
  #first: number | undefined

  constructor(namespace: RealNamespace) {
    this.#watches = (['pods', 'deployments', 'jobs'] as const).map((kind) => {
      const process = watch(kind, namespace.name)
      return { process, read: this.#read(kind, process) }
    })
  }

  async #read(kind: string, { stdout }: ReturnType<typeof watch>): Promise<void> {
    for await (const line of createInterface({ input: stdout })) {
      const [name = '', state = ''] = line.split('|')
      if (kind === 'pods') this.#first ??= Date.now()
      if (/Succeeded|True$/u.test(state) && !this.#up.has(`${kind}/${name}`))
        this.#up.set(`${kind}/${name}`, Date.now())
    }
  }

  /** Ends the watch. Milliseconds at which the first pod was there, and at which the last object was up. */
  async end(): Promise<Span> {
    for (const { process, read } of this.#watches) {
      process.kill()
      await Promise.all([process, read])
    }
    if (this.#first === undefined) throw new Error('no pod was seen')
    const [last = ['', 0]] = [...this.#up].sort(([, a], [, b]) => b - a)
    return { first: this.#first, last: last[1], lastName: last[0] }
  }
}

export interface Span {
  readonly first: number
  readonly last: number
  readonly lastName: string
}

const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000

/** Whole seconds from a pod's start (the first: from its creation) until what comes next can go on: Ready, or finished. */
function ownSeconds(pod: Pod, first: boolean): number {
  const ready = pod.status.conditions.find(
    ({ type, status }) => type === 'Ready' && status === 'True',
  )?.lastTransitionTime
  const main = containersOf(pod).at(-1)?.state
  const start = first ? pod.metadata.creationTimestamp : (main?.running ?? main?.terminated)?.startedAt
  const end = ready ?? main?.terminated?.finishedAt
  return start === undefined || end === undefined ? Number.NaN : seconds(start, end)
}

/** Who waits for whom on a first start. */
const CHAIN = ['postgres', 'temporal-schema-setup', 'temporal', 'temporal-namespace-init', 'worker']

/** The links of the chain with their own time, as `postgres 6 s → temporal-schema-setup 2 s → …`. */
export function chainOf(pods: readonly Pod[]): string {
  return CHAIN.flatMap((app, index) =>
    pods.filter((pod) => appOf(pod) === app).map((pod) => `${app} ${ownSeconds(pod, index === 0)} s`),
  ).join(' → ')
}

export interface Shares {
  /** Seconds until forge starts to write. */
  readonly before: number
  /** Seconds from the first pod until the last pod is ready, Job complete and Deployment available. */
  readonly criticalPath: number
  readonly lastName: string
  /** Seconds from then until the last step has proven that all is healthy, and until the process has ended. */
  readonly proven: number
  readonly ended: number
  readonly total: number
}

export function sharesOf({ begin, end, report }: Deployed, { first, last, lastName }: Span): Shares {
  const upgrade = report.steps.find(({ name }) => name === 'upgrade')
  const app = report.steps.at(-1)
  if (upgrade === undefined || app === undefined) throw new Error('the deploy never came to its upgrade')
  const healthy = Date.parse(app.startedAt) + app.seconds * 1000
  const since = (from: number, to: number): number => (to - from) / 1000
  return {
    before: since(begin, Date.parse(upgrade.startedAt)),
    criticalPath: since(first, last),
    lastName,
    proven: since(last, healthy),
    ended: since(last, end),
    total: since(begin, end),
  }
}
