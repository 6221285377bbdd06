import { translateHelmError } from '../../domain/helm/errors.ts'
import type { Guard } from '../../ports.ts'
import type { Route } from '../kubernetes/route.ts'
import { run, type RunOptions, type RunResult } from '../process.ts'
import { helmEnvironment } from './environment.ts'
import { openRelay } from './relay.ts'

/** Runs helm to its end; throws a ForgeError with helm's own reason. */
export type Helm = (args: readonly string[], options: RunOptions) => Promise<RunResult>

interface HelmCalls {
  readonly helm: Helm
  /** For what writes into the cluster: under a lock, what helm sends gets no further than the lock reaches (relay.ts). */
  readonly writing: (guard: Guard | undefined, args: readonly string[], options: RunOptions) => Promise<RunResult>
}

/** `cluster`: the options that lead helm there by itself. */
export function helmCalls({
  path,
  cluster,
  route,
}: {
  readonly path: string
  readonly cluster: readonly string[]
  readonly route: Route | undefined
}): HelmCalls {
  const ended = async (args: readonly string[], options: RunOptions): Promise<RunResult> =>
    await run(path, args, { ...options, env: { ...helmEnvironment(process.env), ...options.env } })
  const orThrow = ([verb = '']: readonly string[], result: RunResult): RunResult => {
    if (result.status !== 0) throw translateHelmError(verb, result)
    return result
  }
  const helm: Helm = async (args, options) => orThrow(args, await ended(args, options))
  return {
    helm,
    async writing(guard, args, options) {
      if (guard === undefined || route === undefined) return await helm([...args, ...cluster], options)
      const relay = await openRelay(route, guard)
      try {
        const env = { ...options.env, ...relay.env }
        const result = await ended([...args, ...cluster, ...relay.args], { ...options, env })
        return orThrow(args, { ...result, stderr: relay.plain(result.stderr) })
      } finally {
        relay.close()
      }
    },
  }
}
