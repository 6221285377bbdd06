import { expect, test } from '@jest/globals'
import { document, forge, startForge } from '../support/forge.ts'
import { inScene, problemsIn } from '../support/kill-matrix.ts'
import { freeze, send } from '../support/processes.ts'
import type { Write } from '../support/write-proxy.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const PAIRS = 20

test(`of two deploys at the same instant exactly one proceeds, ${PAIRS} times`, async () => {
  await inScene('upgrade', 4, async ({ args, env, project }) => {
    for (let pair = 0; pair < PAIRS; pair++) {
      await project.set(pair % 2 === 0 ? 'new' : 'old')
      const both = await Promise.all([1, 2].map(async () => await forge([...args, '--json'], { env })))
      const ends = both.map((ran) => ({ status: ran.status, report: document<DeployReport>(ran) }))
      expect(ends.map(({ status }) => status).sort()).toEqual([0, 6])
      const verdict = ends.find(({ status }) => status === 6)?.report.verdict
      expect({ code: verdict?.code, holder: verdict?.chain.at(-1) }).toEqual({
        code: 'E_LOCKED',
        holder: expect.stringMatching(/^.+@.+ runs forge deploy .*, pid \d+$/u),
      })
    }
  })
}, 900_000)

test.each<[string, (write: Write) => boolean]>([
  ['its journal before helm', ({ by, what }) => by === 'forge' && /^PUT secrets\/forge-journal/u.test(what)],
  ['a secret', ({ what }) => what === 'PATCH secrets/token'],
  ["helm's record of the next revision", ({ by, what }) => by === 'helm' && what.startsWith('POST secrets/')],
])(
  'a holder that stood still while it wrote %s makes at most that one request',
  async (_, isPoint) => {
    await inScene('upgrade', 4, async (scene) => {
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
      if (inFlight.what !== 'PATCH secrets/token') expect(await problemsIn(scene)).toEqual([])
    })
  },
  180_000,
)
