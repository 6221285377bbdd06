import { evidenceIn } from './evidence.ts'
import { startForge } from './forge.ts'
import { projectOf } from './project.ts'
import { currentContext, KUBECONFIG, type RealNamespace } from './real-cluster.ts'
import { follow } from './real-watch.ts'
import { smallFiles, type Manifest } from './small.ts'

/** What a kubelet, or a controller, writes as `status`. */
export type Status = Readonly<Record<string, unknown>>

export interface RealFailure {
  readonly kind: 'pods' | 'jobs'
  readonly objects: readonly Manifest[]
  /** What else its environment says. */
  readonly environment?: Readonly<Record<string, unknown>>
  /** True for the status with which the cluster shows what must lead to the verdict. */
  readonly shows: (status: Status) => boolean
}

export interface RealVerdict {
  readonly status: number | undefined
  readonly stderr: string
  /** Content of the evidence folder, by the file's path there. */
  readonly evidence: Readonly<Record<string, string>>
  /** From the event that shows the failure, as a watch of our own sees it, to the verdict on the screen; undefined: refused before. */
  readonly seconds: number | undefined
}

/** Deploys a stack that must fail, with a watch beside it that notes when the cluster showed the failure. */
export async function failForReal(namespace: RealNamespace, failure: RealFailure): Promise<RealVerdict> {
  const environment = {
    cluster: { context: await currentContext() },
    namespace: namespace.name,
    ...failure.environment,
  }
  const project = await projectOf(smallFiles(environment, failure.objects))
  let shownAt: number | undefined
  const stop = follow<Status>(namespace.name, failure.kind, '.status', (status) => {
    if (failure.shows(status)) shownAt ??= performance.now()
  })
  const running = startForge(['deploy', '--env', 'test', '-C', project.dir, '--kubeconfig', KUBECONFIG])
  let judgedAt: number | undefined
  let screen = ''
  running.stderr.on('data', (part: Buffer) => {
    screen += part.toString()
    if (screen.includes(' ✖ ')) judgedAt ??= performance.now()
  })
  const { exitCode: status, stderr } = await running
  await stop()
  const folder = /^ +evidence: (\S+)$/mu.exec(stderr)?.[1]
  return {
    status,
    stderr,
    evidence: folder === undefined ? {} : await evidenceIn(folder),
    seconds: shownAt === undefined || judgedAt === undefined ? undefined : (judgedAt - shownAt) / 1000,
  }
}
