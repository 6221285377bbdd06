import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { smallProject, type Manifest } from '../support/small.ts'

const settings = (value: string): Manifest => sample.configMap('settings', { value })

/** What is not said anew in each run. */
const steady = ({ status, stdout }: Ran) => ({
  status,
  stdout: stdout
    .replaceAll(/"(?:startedAt|finishedAt|durationMs|createdAt|ms|seconds|at)": .*/gu, '')
    .replaceAll(/just now|\d+ (?:second|minute)s? ago/gu, 'AGO'),
})

test('forge deploy --dry-run is forge plan: the same screen, document and exit status, and nothing is written', async () => {
  const namespace = freshNamespace('dryrun')
  const small = await smallProject(namespace, 4, [settings('1')])
  const same = async (...flags: string[]): Promise<Ran> => {
    const plan = await small.run('plan', flags)
    const dry = await small.run('deploy', ['--dry-run', '--yes', '--skip-verify', '--timeout', '1m', ...flags])
    expect(steady(dry)).toEqual(steady(plan))
    return dry
  }

  const first = await same()
  expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('+ ConfigMap/settings') })
  expect(await object('configmap', 'settings', namespace)).toBeUndefined()

  await small.deploy()
  await small.render([settings('2')])
  expect((await same()).stdout).toContain('~ ConfigMap/settings')
  expect(document(await same('--json'))).toMatchObject({ command: 'plan', outcome: 'planned' })
  expect((await object('configmap', 'settings', namespace))?.data).toEqual({ value: '1' })

  await small.render([{ ...settings('3'), immutabel: true }])
  expect((await same()).status).toBe(3)
  // A saved plan was shown already.
  const saved = await forgeHere(['deploy', '--dry-run', '--plan', 'p.json'])
  expect(saved).toMatchObject({ status: 2, stderr: expect.stringContaining('--plan cannot be given with --dry-run') })
})
