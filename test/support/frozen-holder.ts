import { expect } from '@jest/globals'
import { forge, startForge } from './forge.ts'
import { inScene, problemsIn } from './kill-matrix.ts'
import { freeze, send } from './processes.ts'
import type { Write } from './write-proxy.ts'

/** helm has more to write after it. */
export const isFirstObject = ({ by, what }: Write): boolean => by === 'helm' && what === 'PATCH configmaps/settings'

/** Without a precondition of its own it may come too late: after what the next holder wrote. */
const LATE = /^PATCH (?:secrets\/token|configmaps\/settings)$/u

/**
 * Stops forge and its helm at a write, lets another deploy take the lock and finish, and lets them go on: of all that they
 * send then, only that write may reach the API server.
 */
export async function standStillAt(helm: 3 | 4, isPoint: (write: Write) => boolean): Promise<void> {
  await inScene('upgrade', helm, async (scene) => {
    const { args, env, proxy, project } = scene
    const held = Promise.withResolvers<Write>()
    const thawed = Promise.withResolvers<undefined>()
    const run = startForge([...args, '--kubeconfig', proxy.kubeconfig], { env })
    let stopped: number[] = []
    proxy.onHeld = async (write) => {
      if (stopped.length > 0 || !isPoint(write)) return
      stopped = await freeze(run.pid ?? 0)
      held.resolve(write)
      await thawed.promise
    }
    run.catch(() => undefined)
    const inFlight = await held.promise

    await project.set('new')
    const next = await forge(args, { env })
    expect({ status: next.status, stderr: next.stderr }).toMatchObject({ status: 0 })
    const before = proxy.applied.length
    for (const pid of stopped) send(pid, 'SIGCONT')
    thawed.resolve(undefined)
    const { exitCode, stderr } = await run

    expect({ exitCode, stderr }).toEqual({ exitCode: expect.any(Number), stderr: expect.stringContaining('E_') })
    expect(exitCode).not.toBe(0)
    const after = proxy.applied.slice(before)
    expect(after.filter(({ number }) => number !== inFlight.number)).toEqual([])
    if (!LATE.test(inFlight.what)) expect(await problemsIn(scene)).toEqual([])
  })
}
