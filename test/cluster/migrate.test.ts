import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { forgeHere, kubectl, objects } from '../support/cluster.ts'
import { helmOf } from '../support/helms.ts'
import { identities, legacyStack, type LegacyStack } from '../support/legacy-stack.ts'
import { helmRecords, migrate, stated, type Report } from '../support/migrating.ts'
import { SMALL_OBJECTS, smallLegacy, type SmallLegacy } from '../support/small-legacy.ts'
import { watchNamespace } from '../support/watch-namespace.ts'

// A stack that kubectl made becomes a release in place: nothing is deleted or made anew to get there, and there is a way back.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

async function small(objects?: Parameters<typeof smallLegacy>[0]): Promise<SmallLegacy> {
  const stack = await smallLegacy(objects)
  made.push(stack.namespace)
  return stack
}

test('a small stack is taken over without a restart, and given back field by field', async () => {
  const stack = await small()
  const { namespace } = stack
  const [before, fields] = [await identities(namespace), await stated(namespace)]
  const pods = (await objects('pods', namespace)).map(({ metadata }) => metadata.uid)

  const shown = await migrate(stack, '--from', 'old', '--dry-run')
  expect({ status: shown.status, verdict: shown.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(await identities(namespace)).toEqual(before)

  const first = await migrate(stack, '--from', 'old')
  expect({ status: first.status, verdict: first.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(first.report.adopted.toSorted()).toEqual([
    'ConfigMap/web',
    'Deployment/web',
    'PersistentVolumeClaim/web-data',
    'Service/web',
  ])
  expect(first.report.restarted).toEqual([])
  expect((await objects('pods', namespace)).map(({ metadata }) => metadata.uid)).toEqual(pods)
  for (const [name, { uid }] of await identities(namespace)) expect([name, uid]).toEqual([name, before.get(name)?.uid])

  // As any release from here on.
  expect((await migrate(stack, '--from', 'old')).report.outcome).toBe('unchanged')
  const again = await forgeHere(['deploy', '-C', stack.project.dir, '--json'])
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'unchanged' })

  const undone = await migrate(stack, '--undo')
  expect({ status: undone.status, verdict: undone.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(await stated(namespace)).toEqual(fields)
  expect(await helmRecords(namespace)).toBe(0)
  for (const [name, { uid }] of await identities(namespace)) expect([name, uid]).toEqual([name, before.get(name)?.uid])
})

test('a consumer of what changes is restarted by the first change after the migration, and no other', async () => {
  const stack = await small()
  const { namespace, project } = stack
  expect((await migrate(stack)).report).toMatchObject({ outcome: 'deployed', verdict: null })
  const pods = (await objects('pods', namespace)).map(({ metadata }) => metadata.uid)
  await forgeHere(['deploy', '-C', project.dir, '--set', 'replicas=2', '--json'])
  expect((await objects('pods', namespace)).map(({ metadata }) => metadata.uid)).toEqual(expect.arrayContaining(pods))
  const changed = await forgeHere(['deploy', '-C', project.dir, '--set', 'replicas=2', '--set', 'colour=red', '--json'])
  const { restarted } = JSON.parse(changed.stdout) as Report
  expect(restarted.map(({ workload }) => workload)).toEqual(['web'])
})

test('a rollout that fails gives the old stack back as it was, drift included', async () => {
  const stack = await small()
  const { namespace } = stack
  await kubectl(['-n', namespace, 'set', 'env', 'deployment/web', 'BY_HAND=1'])
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web'])
  const fields = await stated(namespace)
  const failed = await migrate(stack, '--set', 'image=registry.invalid/web:2')
  expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } } })
  expect(await stated(namespace)).toEqual(fields)
  expect(await helmRecords(namespace)).toBe(0)
  expect(
    await objects('secrets', namespace).then((all) => all.filter(({ type }) => type === 'forge.api-forge.io/legacy')),
  ).toEqual([])
})

/** As kustomize names it: the chart's ConfigMap has another name, so this one is retired. The old pods are large. */
function hashed(): Readonly<Record<string, object>> {
  const { deployment, configmap } = SMALL_OBJECTS
  const text = JSON.stringify(deployment)
    .replace('"configMapRef":{"name":"web"}', '"configMapRef":{"name":"web-7h2k"}')
    .replace('"image":"web:1"', '"image":"web:1","resources":{"limits":{"cpu":"1"}}')
  return {
    ...SMALL_OBJECTS,
    deployment: JSON.parse(text) as object,
    configmap: { ...configmap, metadata: { name: 'web-7h2k' } },
  }
}

const SMALL_PODS = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'small' },
  spec: { limits: [{ type: 'Container', max: { cpu: '500m' } }] },
}

test('what was retired is there again before the pods of old ask for it, and goes when they do not come back', async () => {
  const stack = await small(hashed())
  const { namespace } = stack
  const fields = await stated(namespace)
  const first = await migrate(stack, '--from', 'old')
  expect(first).toMatchObject({ status: 0, report: { outcome: 'deployed', retired: ['ConfigMap/web-7h2k'] } })

  // The pods of old cannot start any more.
  await kubectl(['-n', namespace, 'create', '-f', '-'], JSON.stringify(SMALL_PODS))
  const migrated = await stated(namespace)
  const failed = await migrate(stack, '--undo')
  expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored' } })
  expect(await stated(namespace)).toEqual(migrated)

  await kubectl(['-n', namespace, 'delete', 'limitrange', 'small'])
  const undone = await migrate(stack, '--undo')
  expect({ status: undone.status, verdict: undone.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(await stated(namespace)).toEqual(fields)
})

const INIT_JOB = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'init' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'init', image: 'init:1' }] } } },
}

test('a Job whose name a hook of the chart has is there again after the way back, and does not run again', async () => {
  const stack = await small({ ...SMALL_OBJECTS, init: INIT_JOB })
  const { namespace, project } = stack
  const hook = '"helm.sh/hook": post-upgrade, "helm.sh/hook-delete-policy": before-hook-creation'
  const job = JSON.stringify(INIT_JOB).replace('"name":"init"}', `"name":"init","annotations":{${hook}}}`)
  await project.write('chart/templates/init.yaml', job.replace('init:1', 'init:2'))
  const imageOf = async (): Promise<unknown> => {
    const [found] = await objects('jobs', namespace)
    const { suspend, template } = found?.spec as {
      suspend: boolean
      template: { spec: { containers: { image: string }[] } }
    }
    return { image: template.spec.containers[0]?.image, suspend }
  }
  const first = await migrate(stack, '--from', 'old')
  expect({ status: first.status, verdict: first.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(await imageOf()).toEqual({ image: 'init:2', suspend: false })
  const undone = await migrate(stack, '--undo')
  expect({ status: undone.status, verdict: undone.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(await imageOf()).toEqual({ image: 'init:1', suspend: true })
})

test('the way back is refused once something was deployed since, and open again after a rollback', async () => {
  const stack = await small()
  const { project } = stack
  expect((await migrate(stack)).report).toMatchObject({ outcome: 'deployed', verdict: null })
  await forgeHere(['deploy', '-C', project.dir, '--set', 'replicas=2', '--json'])
  const refused = await migrate(stack, '--undo')
  expect(refused).toMatchObject({ status: 3, report: { verdict: { code: 'E_MIGRATE_BUILT_ON' } } })
  expect(refused.report.verdict?.message).toContain('#2')
  await forgeHere(['rollback', '1', '-C', project.dir, '--yes', '--json'])
  expect((await migrate(stack, '--undo')).status).toBe(0)
  expect(await helmRecords(stack.namespace)).toBe(0)
})

test('what kubectl makes later and the chart renders then is taken over by what the refusal says', async () => {
  const stack = await small()
  const { namespace, project } = stack
  expect((await migrate(stack)).report).toMatchObject({ outcome: 'deployed' })
  const more = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more' }, data: { A: '1' } }
  await kubectl(['-n', namespace, 'apply', '-f', '-'], JSON.stringify(more))
  const uid = (await identities(namespace)).get('ConfigMap/more')?.uid
  await project.write('chart/templates/more.yaml', JSON.stringify(more))
  const refused = await forgeHere(['deploy', '-C', project.dir, '--json'])
  const { verdict } = JSON.parse(refused.stdout) as Report
  expect(verdict).toMatchObject({ code: 'E_OBJECT_OWNED', hint: expect.stringContaining('annotate') })
  await execa('sh', ['-c', verdict?.hint ?? ''])
  const again = await forgeHere(['deploy', '-C', project.dir, '--json'])
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'deployed' })
  expect((await identities(namespace)).get('ConfigMap/more')?.uid).toBe(uid)
})

const REFUSED: readonly (readonly [string, (stack: SmallLegacy) => Promise<void>, string])[] = [
  [
    'another claim',
    async ({ project }) => {
      const chart = await project.read('chart/templates/claim.yaml')
      await project.write('chart/templates/claim.yaml', chart.replace('name: web-data', 'name: web-data-web-0'))
      const web = await project.read('chart/templates/deployment.yaml')
      await project.write(
        'chart/templates/deployment.yaml',
        web.replace('claimName: web-data', 'claimName: web-data-web-0'),
      )
    },
    'E_MIGRATE_CLAIM',
  ],
  [
    'another kind',
    async ({ project }) => {
      const web = await project.read('chart/templates/deployment.yaml')
      const set = web
        .replace('kind: Deployment', 'kind: StatefulSet')
        .replace(/ {2}strategy:\n {4}type: Recreate\n/u, '  serviceName: web\n')
      await project.write('chart/templates/deployment.yaml', set)
    },
    'E_MIGRATE_KIND',
  ],
  [
    'another name on the same volume',
    async ({ project }) => {
      await project.edit('chart/templates/deployment.yaml', 'metadata:\n  name: web', 'metadata:\n  name: shop-web')
    },
    'E_MIGRATE_TWICE',
  ],
  [
    'a claim that would shrink',
    async ({ project }) => await project.edit('chart/values.yaml', 'size: 1Gi', 'size: 500Mi'),
    'E_CLAIM_SHRINK',
  ],
  [
    'another selector',
    async ({ project }) => {
      const web = await project.read('chart/templates/deployment.yaml')
      await project.write(
        'chart/templates/deployment.yaml',
        web.replaceAll('app.kubernetes.io/name: web', 'app.kubernetes.io/name: shop'),
      )
    },
    'E_MIGRATE_REPLACE',
  ],
]

test.each(REFUSED)('%s is refused before anything is written', async (_what, change, code) => {
  const stack = await small()
  await change(stack)
  const before = await identities(stack.namespace)
  const { dir } = stack.project
  const shown = await forgeHere(['migrate-to-helm', '-C', dir, '--from', join(dir, 'old'), '--dry-run'])
  // Not the migration itself, which would be refused.
  expect(shown.stdout).not.toMatch(/^next +forge migrate-to-helm(?!.*--confirm)/mu)
  const { status, report } = await migrate(stack, '--from', 'old')
  expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code })
  expect(await identities(stack.namespace)).toEqual(before)
  expect(await helmRecords(stack.namespace)).toBe(0)
})

test.concurrent.each([3, 4] as const)('helm %i, the example: all stays and serves, and comes back', async (major) => {
  const stack = { ...(await legacyStack('migrate')), env: { FORGE_HELM: await helmOf(major) } }
  made.push(stack.namespace)
  const { namespace, from, own, foreign } = stack
  await setEnvironment(stack)
  const fields = await stated(namespace)
  const shown = await migrate(stack, '--env', 'legacy', '--from', from, '--overwrite-drift', '--dry-run')
  expect({ status: shown.status, verdict: shown.report.verdict }).toEqual({ status: 0, verdict: null })
  const seen = await watchNamespace(namespace)
  const flags = ['--env', 'legacy', '--from', from, '--overwrite-drift', '--confirm', 'temporal-data']
  const { status, report } = await migrate(stack, ...flags)
  const history = await seen.close()
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  const after = await identities(namespace)
  for (const [name, was] of foreign) expect([name, after.get(name)]).toEqual([name, was])
  const kept = [...own].filter(([name]) => /^(?:PersistentVolumeClaim|Service|Secret|Deployment)\//u.test(name))
  for (const [name, { uid }] of kept) expect([name, after.get(name)?.uid]).toEqual([name, uid])
  expect(
    history.deleted.filter((name) => /^(?:Secret|PersistentVolumeClaim|Service|Deployment)\//u.test(name)),
  ).toEqual([])
  expect(history.fewestReady('app')).toBeGreaterThan(0)
  expect(history.mostMounting('postgres-data')).toBe(1)
  expect(report.restarted.map(({ workload }) => workload).toSorted()).toEqual(['app', 'postgres', 'temporal'])
  expect((await migrate(stack, '--env', 'legacy', '--from', from)).report.outcome).toBe('unchanged')

  const back = await migrate(stack, '--env', 'legacy', '--undo', '--yes')
  expect({ status: back.status, verdict: back.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(fields).not.toEqual({})
  expect(await stated(namespace)).toEqual(fields)
})

async function setEnvironment({ namespace, project }: LegacyStack): Promise<void> {
  await project.configure(['environments', 'legacy', 'namespace'], namespace)
}
