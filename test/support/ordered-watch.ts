import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { testSandbox } from './sandbox.ts'

/** One state of an object, as the API server told it. */
export interface Moment {
  /** Of the whole cluster: what is less was before. */
  readonly version: number
  readonly object: string
  readonly deleted: boolean
  /** `replicas` or `suspend` of the spec. */
  readonly wants: string
  readonly ready: boolean
}

const FORMAT = [
  '{.object.metadata.resourceVersion}',
  '{.object.kind}/{.object.metadata.name}',
  '{.type}',
  '{.object.spec.replicas}{.object.spec.suspend}',
  '{.object.status.conditions[?(@.type=="Ready")].status}',
].join('|')

/** kubectl watches each of these kinds, of which there is one at least, from now on. */
export async function orderedWatch(
  namespace: string,
  kinds: readonly string[],
): Promise<{
  /** Resolves with the first that is so, from `after` on. */
  until(is: (moment: Moment) => boolean, after?: number): Promise<Moment>
  /** All so far, in the order of the API server. */
  moments(): readonly Moment[]
  close(): Promise<void>
}> {
  const seen: Moment[] = []
  const waiting = new Set<() => void>()
  const { kubeconfig } = await testSandbox()
  const running = kinds.map((kind) => {
    const args = ['--kubeconfig', kubeconfig, '-n', namespace, 'get', kind, '--watch', '--output-watch-events']
    return spawn('kubectl', [...args, '-o', `jsonpath=${FORMAT}{"\\n"}`], { stdio: ['ignore', 'pipe', 'ignore'] })
  })
  const begun = running.map(async ({ stdout }) => {
    const lines = createInterface(stdout).on('line', (line) => {
      const [version, object = '', type, wants = '', ready] = line.split('|')
      seen.push({ version: Number(version), object, deleted: type === 'DELETED', wants, ready: ready === 'True' })
      for (const look of waiting) look()
    })
    await once(lines, 'line')
  })
  await Promise.all(begun)
  const moments = (): Moment[] => seen.toSorted((one, other) => one.version - other.version)
  return {
    moments,
    async until(is, after = 0) {
      return await new Promise((resolve) => {
        const look = (): void => {
          const found = moments().find((one) => one.version > after && is(one))
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      })
    },
    async close() {
      const ended = running.map(async (one): Promise<unknown> => await once(one, 'close'))
      for (const one of running) one.kill()
      await Promise.all(ended)
    },
  }
}
