import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { forgeHere, kubectl, objects } from '../support/cluster.ts'
import { identities } from '../support/legacy-stack.ts'
import { readOnlyKubeconfig } from '../support/read-only.ts'
import { SMALL_OBJECTS, smallLegacy } from '../support/small-legacy.ts'

// What a person may see of a migration who may write nothing, and what is there after one that was told not to go back.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

const left = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'left' }, data: { A: '1' } }

interface Row {
  readonly action: string
  readonly ref: { readonly kind: string; readonly name: string }
  readonly because?: string
}

const told = ({ action, ref: { kind, name }, because }: Row): string =>
  `${action} ${kind}/${name}${because === undefined ? '' : `: ${because}`}`

test.each([
  { who: 'may read all', secrets: true },
  { who: 'may not read Secrets', secrets: false },
])('the plan of somebody who $who', async ({ secrets }) => {
  const { namespace, project } = await smallLegacy({ ...SMALL_OBJECTS, left })
  made.push(namespace)
  const kubeconfig = await readOnlyKubeconfig(namespace, { secrets })
  const before = await identities(namespace)
  const from = ['-C', project.dir, '--from', join(project.dir, 'old'), '--kubeconfig', kubeconfig]
  const { status, stdout } = await forgeHere(['migrate-to-helm', ...from, '--dry-run', '--json'])
  const { outcome, verdict, plan } = JSON.parse(stdout) as {
    outcome: string
    verdict: unknown
    plan: { migration: Row[]; notChecked: string[] }
  }
  expect({ status, outcome, verdict }).toEqual({ status: 0, outcome: 'planned', verdict: null })
  expect(
    plan.migration
      .filter(({ action }) => action !== 'leave')
      .map(told)
      .sort(),
  ).toEqual([
    'adopt ConfigMap/web',
    'adopt Deployment/web',
    'adopt PersistentVolumeClaim/web-data',
    'adopt Service/web',
    'retire ConfigMap/left',
  ])
  expect(plan.notChecked.join('\n')).toMatch(
    secrets ? /^$/u : /helm's records of web: not checked, .* may not list secrets/u,
  )
  expect(await identities(namespace)).toEqual(before)
})

test('--no-rollback leaves what failed, and both ways go on from there', async () => {
  for (const way of ['on', 'back'] as const) {
    const stack = await smallLegacy({ ...SMALL_OBJECTS, left })
    const { namespace, project } = stack
    made.push(namespace)
    const before = await identities(namespace)
    const own = ['migrate-to-helm', '-C', project.dir, '--json']
    const from = ['--from', join(project.dir, 'old')]
    const failed = await forgeHere([...own, ...from, '--set', 'image=registry.invalid/web:2', '--no-rollback'])
    expect(failed.status).toBe(5)
    expect((await identities(namespace)).get('ConfigMap/left')).toEqual(before.get('ConfigMap/left'))

    const next = await forgeHere(way === 'on' ? [...own, ...from] : [...own, '--undo', '--yes'])
    const { outcome } = JSON.parse(next.stdout) as { outcome: string }
    expect([way, next.status, outcome]).toEqual([way, 0, way === 'on' ? 'deployed' : 'rolled-back'])
    const after = await identities(namespace)
    expect(after.get('Deployment/web')?.uid).toBe(before.get('Deployment/web')?.uid)
    expect(after.get('PersistentVolumeClaim/web-data')?.uid).toBe(before.get('PersistentVolumeClaim/web-data')?.uid)
    expect([way, after.has('ConfigMap/left')]).toEqual([way, way === 'back'])
    const records = await objects('secrets', namespace, 'owner=helm')
    expect([way, records.length > 0]).toEqual([way, way === 'on'])
  }
}, 120_000)
