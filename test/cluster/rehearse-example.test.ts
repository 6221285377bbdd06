import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { exampleProject, type TestProject } from '../support/project.ts'
import { plannedOtherwise, rehearsed, type Restarted } from '../support/rehearsed.ts'
import { rehearseChart } from '../support/rehearse-walk.ts'

const SECRET = 'infra/secrets/keys/oidc_google.txt'

async function asIt<T>(command: string, { dir }: TestProject, ...flags: readonly string[]): Promise<T> {
  return document<T>(await forgeHere([command, '--env', 'sandbox', '-C', dir, ...flags]))
}

test('the example is rehearsed as its plan says, fails as it is told to, and is back', async () => {
  const namespace = freshNamespace('tonight')
  const example = await exampleProject(namespace)
  const rehearse = async (...flags: string[]) => await rehearsed(example.dir, flags, {}, 'sandbox')
  expect(await asIt('deploy', example, '--json')).toMatchObject({ outcome: 'deployed' })

  const same = await rehearse()
  expect(same).toMatchObject({ outcome: 'rehearsed', restarted: [], rehearsal: { deploy: { outcome: 'unchanged' } } })
  expect(plannedOtherwise(same)).toEqual([])

  await example.edit('.env', 'LOG_LEVEL=INFO', 'LOG_LEVEL=ERROR')
  await example.write(SECRET, `${(await example.read(SECRET)).trim().split('').reverse().join('')}\n`)
  await example.edit('infra/docker/prod/postgres/verify-init.sh', 'set -eu', '# Changed.\nset -eu')
  const values = await example.read('deploy/values.yaml')
  await example.write('deploy/values.yaml', `${values}temporal: { web: { image: "temporalio/ui:2.35.0" } }\n`)
  const plan = await asIt<{ restarts: Restarted[] }>('plan', example, '-o', 'json')
  const secret = await kubectl(['get', 'secret', 'app-secrets', '-n', namespace, '-o', 'yaml'])

  const found = await rehearse('--fail', 'app=crash-loop')
  expect(plannedOtherwise(found)).toEqual([])
  expect(found.rehearsal?.failures).toMatchObject([
    { failure: 'app=crash-loop', verdict: { code: 'E_CRASH_LOOP' }, explained: true, restored: true, why: null },
  ])
  expect(found).toMatchObject({ status: 0, outcome: 'rehearsed', rehearsal: { deploy: { outcome: 'deployed' } } })
  expect(found.restarted).toEqual(plan.restarts)
  expect(await kubectl(['get', 'secret', 'app-secrets', '-n', namespace, '-o', 'yaml'])).toBe(secret)

  expect(await asIt('deploy', example, '--json')).toMatchObject({ outcome: 'deployed', restarted: plan.restarts })
}, 240_000)

test('a chart that looks its password up restarts in a rehearsal what its deploy restarts', async () => {
  expect(await rehearseChart('lookup-password', 4)).toEqual([])
}, 240_000)
