import { expect, test } from '@jest/globals'
import { isFirstObject, standStillAt } from '../support/frozen-holder.ts'
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

test('a holder that stood still while its stage waited does not claim what another has deployed', async () => {
  await inScene('upgrade', 4, async (scene) => {
    const { args, env, proxy, project } = scene
    const frozen = Promise.withResolvers<number[]>()
    const run = startForge([...args, '--kubeconfig', proxy.kubeconfig], { env })
    run.stderr.on('data', (chunk: Buffer) => {
      if (chunk.includes('web 1/1: runs')) freeze(run.pid ?? 0).then(frozen.resolve, frozen.reject)
    })
    const stopped = await frozen.promise
    await project.set('new')
    expect(await forge(args, { env })).toMatchObject({ status: 0 })
    const before = proxy.applied.length
    for (const pid of stopped) send(pid, 'SIGCONT')

    expect(await run).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('E_LOCK_LOST') })
    expect(proxy.applied.slice(before)).toEqual([])
    expect(await problemsIn(scene)).toEqual([])
  })
}, 180_000)

test.each<[string, 3 | 4, (write: Write) => boolean]>([
  ['its journal before helm', 4, ({ by, what }) => by === 'forge' && /^PUT secrets\/forge-journal/u.test(what)],
  ['a secret', 4, ({ what }) => what === 'PATCH secrets/token'],
  ["helm's record of the next revision", 4, ({ by, what }) => by === 'helm' && what.startsWith('POST secrets/')],
  ['the first of many objects with helm 3', 3, isFirstObject],
  ['the first of many objects with helm 4', 4, isFirstObject],
])(
  'a holder that stood still while it wrote %s makes at most that one request',
  async (_, helm, isPoint) => await standStillAt(helm, isPoint),
  180_000,
)
