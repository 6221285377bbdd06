import { mkdir, readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { search } from '../support/canaries.ts'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { applySecret, nestOf } from '../support/nest.ts'
import { projectOf } from '../support/project.ts'
import { dumpingHelm } from '../support/rehearsal-dump.ts'
import { testSandbox } from '../support/sandbox.ts'
import { secretShop } from '../support/secret-shop.ts'
import { createVault } from '../support/sops.ts'

/** What is built once for this machine. */
const CACHE = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')

test.each([4, 3] as const)(
  'nothing that is secret in an environment is in the sandbox of its rehearsal, nor anywhere beside it (helm %i)',
  async (major) => {
    const namespace = freshNamespace('secrecy')
    const vault = await createVault()
    const shop = secretShop(namespace, vault)
    const { kubeconfig } = await testSandbox()
    const project = await projectOf(await shop.files(0))
    const given = { ...vault.env, SHOP_TOKEN: shop.birds['env-0']?.value }
    const helm = await dumpingHelm(major)
    await kubectl(['create', 'namespace', namespace])
    await applySecret(namespace, 'foreign', shop.foreign)
    await kubectl(['apply', '-f', '-'], JSON.stringify(shop.innocent))
    const at = ['--env', 'test', '-C', project.dir, '--kubeconfig', kubeconfig]
    for (const round of [0, 1]) {
      for (const [file, content] of Object.entries(await shop.files(round))) await project.write(file, content)
      const env = { ...given, SHOP_TOKEN: shop.birds[`env-${round}`]?.value }
      const deployed = await forgeHere(['deploy', ...at, ...shop.args(round)], env)
      expect([deployed.status, deployed.stderr]).toEqual([0, expect.anything()])
    }

    for (const [file, content] of Object.entries(await shop.files(2))) await project.write(file, content)
    const isOwn = (name: string): boolean => /^plain-(?:value|variable|note|file)-2$/u.test(name)
    const canaries = Object.values(shop.birds).filter(({ name }) => !isOwn(name))
    const env = { ...given, SHOP_TOKEN: shop.birds['env-2']?.value }
    const nest = await nestOf({ project, canaries, env, sources: ['sops '], longestMs: 170_000 })
    await mkdir(join(nest.home, 'events'))
    const events = join(nest.home, 'events', 'events.ndjson')
    const ran = await nest.run(
      [
        ...[
          'rehearse',
          '--env',
          'test',
          '--kubeconfig',
          kubeconfig,
          '--fail',
          'web=crash-loop',
          '--kill-at',
          'upgrade',
        ],
        ...['--json', '--events', events, ...shop.args(2)],
      ],
      0,
      { FORGE_HELM: helm.path, XDG_CACHE_HOME: CACHE },
    )
    expect(JSON.parse(ran.stdout)).toMatchObject({
      outcome: 'rehearsed',
      rehearsal: { failures: [{ failure: 'web=crash-loop', restored: true }, { failure: 'kill-at=upgrade' }] },
    })
    // Two releases each time: the deploy, the failure and its way back, the deploy that is killed.
    expect(await helm.dumps()).toBeGreaterThanOrEqual(5)
    // The command line of forge itself has what its user put there.
    const found = nest.found.filter((one) => !/^(?:arguments) of \S*node \S*forge\.js rehearse/u.test(one))
    expect({
      ran: found,
      sandbox: await helm.found(canaries, { binary: shop.binary }),
      events: search('events', await readFile(events, 'utf8'), canaries),
      left: await readdir(join(nest.home, 'XDG_STATE_HOME', 'forge', 'sandbox')),
      temporary: await readdir(join(nest.home, 'TMPDIR')),
    }).toEqual({ ran: [], sandbox: [], events: [], left: [], temporary: [] })
  },
  300_000,
)
