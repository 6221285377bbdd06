import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { testSandbox } from './sandbox.ts'

/** What was seen of a namespace between two moments. */
export interface Seen {
  /** `Kind/name` of every object that was deleted, of the kinds that are watched. */
  readonly deleted: readonly string[]
  /** The least number of ready pods of a component at any moment, since there was one. */
  readonly fewestReady: (component: string) => number
  /** The most pods at one moment that mount a claim, and are not on their way out. */
  readonly mostMounting: (claim: string) => number
}

interface Pod {
  readonly component: string
  readonly ready: boolean
  readonly leaving: boolean
  readonly claims: readonly string[]
}

const KINDS = ['deployment', 'service', 'secret', 'configmap', 'persistentvolumeclaim', 'cronjob', 'ingress']
const POD = [
  '{.type}',
  '{.object.metadata.name}',
  '{.object.metadata.labels.app\\.kubernetes\\.io/name}',
  '{.object.metadata.deletionTimestamp}',
  '{.object.status.conditions[?(@.type=="Ready")].status}',
  '{.object.spec.volumes[*].persistentVolumeClaim.claimName}',
].join('|')

/**
 * Watches with kubectl, from what is there now on; resolves once all of that was seen: of each kind there must be one. In the
 * sandbox, unless told otherwise.
 */
export async function watchNamespace(
  namespace: string,
  { kinds = KINDS, cluster }: { readonly kinds?: readonly string[]; readonly cluster?: string } = {},
): Promise<{ close(): Promise<Seen> }> {
  const deleted: string[] = []
  const pods = new Map<string, Pod>()
  const moments: (readonly Pod[])[] = []
  const watch = async (kind: string, format: string, onLine: (line: string) => void): Promise<ChildProcess> => {
    const kubeconfig = cluster ?? (await testSandbox()).kubeconfig
    const args = ['--kubeconfig', kubeconfig, '-n', namespace, 'get', kind, '--watch', '--output-watch-events']
    const running = spawn('kubectl', [...args, '-o', `jsonpath=${format}{"\\n"}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const lines = createInterface(running.stdout).on('line', onLine)
    await once(lines, 'line')
    return running
  }
  const onPod = (line: string): void => {
    const [type = '', name = '', component = '', leaving = '', ready = '', claims = ''] = line.split('|')
    if (type === 'DELETED') pods.delete(name)
    else pods.set(name, { component, ready: ready === 'True', leaving: leaving !== '', claims: claims.split(' ') })
    moments.push([...pods.values()])
  }
  const others = kinds.map(
    async (kind) =>
      await watch(kind, '{.type}|{.object.kind}/{.object.metadata.name}', (line) => {
        const [type, name = ''] = line.split('|')
        if (type === 'DELETED') deleted.push(name)
      }),
  )
  const running = await Promise.all([watch('pod', POD, onPod), ...others])
  return {
    async close() {
      const ended = running.map(async (one): Promise<unknown> => await once(one, 'close'))
      for (const one of running) one.kill()
      await Promise.all(ended)
      const counts = (of: (pod: Pod) => boolean): number[] => moments.map((all) => all.filter(of).length)
      return {
        deleted,
        fewestReady: (component) => {
          const all = counts((pod) => pod.component === component && pod.ready && !pod.leaving)
          return Math.min(
            ...all.slice(
              Math.max(
                all.findIndex((count) => count > 0),
                0,
              ),
            ),
          )
        },
        mostMounting: (claim) => Math.max(...counts((pod) => pod.claims.includes(claim) && !pod.leaving)),
      }
    },
  }
}
