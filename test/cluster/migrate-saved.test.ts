import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { forgeHere, kubectl } from '../support/cluster.ts'
import { identities } from '../support/legacy-stack.ts'
import { SMALL_OBJECTS, smallLegacy } from '../support/small-legacy.ts'

// A saved plan of a migration is carried out as it is, or nothing of it.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

interface Ended {
  readonly status: number | undefined
  readonly outcome: string
  readonly retired: readonly string[]
  readonly code: string | undefined
  readonly hint: string | undefined
}

async function run(dir: string, ...args: readonly string[]): Promise<Ended> {
  const { status, stdout } = await forgeHere([...args, '-C', dir, '--json'])
  const { outcome, verdict, retired } = JSON.parse(stdout) as Pick<Ended, 'outcome' | 'retired'> & {
    readonly verdict: { readonly code: string; readonly hint: string } | null
  }
  return { status, outcome, retired, code: verdict?.code, hint: verdict?.hint }
}

const OLD = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'old' }, data: { A: '1' } }

test('a saved migration is carried out while all is as it was planned, and else refused with nothing written', async () => {
  const { namespace, project } = await smallLegacy({ ...SMALL_OBJECTS, old: OLD })
  made.push(namespace)
  const { dir } = project
  const [file, old] = [join(dir, 'p.json'), join(dir, 'old')]
  const plan = ['migrate-to-helm', '--from', old, '--dry-run', '--out', file]
  const carry = ['migrate-to-helm', '--plan', file]
  expect(await run(dir, ...plan)).toMatchObject({ status: 0, outcome: 'planned' })
  const deployed = await run(dir, 'deploy', '--plan', file)
  expect(deployed).toMatchObject({ status: 2, code: 'E_PLAN_FILE' })
  expect(deployed.hint).toContain(`forge migrate-to-helm --plan ${file}`)

  // Of what would be taken over, and of what would be retired.
  for (const change of [
    ['set', 'image', 'deployment/web', 'web=web:9'],
    ['patch', 'configmap', 'old', '--patch', '{"data":{"A":"2"}}'],
  ]) {
    expect(await run(dir, ...plan, '--overwrite-drift')).toMatchObject({ status: 0 })
    await kubectl(['-n', namespace, ...change])
    await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web'])
    const before = await identities(namespace)
    const stale = await run(dir, ...carry)
    expect(stale).toMatchObject({ status: 3, outcome: 'refused', code: 'E_PLAN_STALE' })
    expect(stale.hint).toContain(`--from ${old} --dry-run --out p.json`)
    expect(await identities(namespace)).toEqual(before)
  }
  await kubectl(['-n', namespace, 'apply', '--filename', old])
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web'])
  expect(await run(dir, ...plan)).toMatchObject({ status: 0 })
  expect(await run(dir, ...carry)).toMatchObject({ status: 0, outcome: 'deployed', retired: ['ConfigMap/old'] })

  await run(dir, 'plan', '--out', file)
  const other = await run(dir, ...carry)
  expect(other).toMatchObject({ status: 2, code: 'E_PLAN_FILE' })
  expect(other.hint).toContain(`forge deploy --plan ${file}`)
})
