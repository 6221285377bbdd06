import { expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { freshNamespace, kubectl, object, objects, podsByName } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { deployedShop, versions } from '../support/shop.ts'

async function secretData(namespace: string): Promise<Record<string, string>> {
  const data = (await object('secret', 'app-secrets', namespace))?.data ?? {}
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}

async function generations(namespace: string): Promise<Record<string, number>> {
  const sets = await objects('replicasets', namespace)
  const names = sets.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] ?? '')
  return Object.fromEntries(
    [...new Set(names)].sort().map((name) => [name, names.filter((one) => one === name).length]),
  )
}

test('a rotation restarts its consumers once and nobody else, and the next deploy has nothing to do', async () => {
  const namespace = freshNamespace('rotate')
  const { forge, bytes, mode } = await deployedShop(namespace)
  const [before, pods, old] = [
    await secretData(namespace),
    await podsByName(namespace),
    await bytes('keys/session.txt'),
  ]

  const ran = await forge('secrets', 'rotate', 'app-secrets/session', '--json')
  const report = document<DeployReport>(ran)

  expect({ status: ran.status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  expect(report).toMatchObject({ command: 'secrets rotate', outcome: 'deployed', deploy: 2 })
  expect(report.restarted).toEqual([{ workload: 'web', because: ['app-secrets session'] }])
  const now = await bytes('keys/session.txt')
  expect(now.toString()).toMatch(/^[2-9A-HJ-NP-Za-km-z]{24}$/u)
  expect(await secretData(namespace)).toEqual({ ...before, session: now.toString() })
  expect({ file: await mode('keys/session.txt'), same: now.equals(old) }).toEqual({ file: '600', same: false })
  expect(await generations(namespace)).toEqual({ api: 1, still: 1, web: 2 })
  const after = await podsByName(namespace)
  expect({ api: after['api'], still: after['still'] }).toEqual({ api: pods['api'], still: pods['still'] })
  expect(after['web']).not.toEqual(pods['web'])

  const again = document<DeployReport>(await forge('deploy', '--json'))
  expect({ outcome: again.outcome, restarted: again.restarted }).toEqual({ outcome: 'unchanged', restarted: [] })
})

test('apply says who runs the old values; --restart restarts them, and nothing else', async () => {
  const namespace = freshNamespace('behind')
  const { project, forge } = await deployedShop(namespace)
  const pods = await podsByName(namespace)
  await project.write('keys/token.txt', 'a-token-that-somebody-was-given')

  const applied = await forge('secrets', 'apply')
  expect(applied.stdout.split('\n').slice(-3)).toEqual([
    `Wrote 1 secret to test (namespace ${namespace}).`,
    'api still runs the old values.',
    `next    forge secrets apply --env test --restart -C ${project.dir}`,
  ])
  expect(await podsByName(namespace)).toEqual(pods)
  const listed = document<{
    secrets: { name: string; consumers: { workload: string; runs: number; wants: number }[] }[]
  }>(await forge('secrets', 'list', '--json'))
  expect(
    listed.secrets
      .find(({ name }) => name === 'app-secrets')
      ?.consumers.map(({ workload, runs, wants }) => `${workload} ${runs} ${wants}`)
      .sort(),
  ).toEqual(['api 1 2', 'web 1 1'])

  const restarted = await forge('secrets', 'apply', '--restart', '--json')
  expect({ status: restarted.status, restarted: document<DeployReport>(restarted).restarted }).toEqual({
    status: 0,
    restarted: [{ workload: 'api', because: ['app-secrets'] }],
  })
  expect(await generations(namespace)).toEqual({ api: 2, still: 1, web: 1 })
  expect((await forge('secrets', 'apply', '--restart')).stdout).toContain('Unchanged')
})

test('a rotation whose consumers do not become ready goes back by itself, in the cluster and in the file', async () => {
  const namespace = freshNamespace('back')
  const { forge, bytes } = await deployedShop(namespace)
  const [data, pods, old] = [await secretData(namespace), await podsByName(namespace), await bytes('keys/session.txt')]
  // No room for the pod that replaces the old one.
  await kubectl(['create', 'quota', 'full', '-n', namespace, `--hard=pods=${Object.values(pods).flat().length}`])

  const ran = await forge('secrets', 'rotate', 'app-secrets/session', '--json')
  const report = document<DeployReport>(ran)

  expect({ status: ran.status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_QUOTA',
  })
  expect(await secretData(namespace)).toEqual(data)
  expect(await podsByName(namespace)).toEqual(pods)
  expect((await bytes('keys/session.txt')).equals(old)).toBe(true)
  await kubectl(['delete', 'quota', 'full', '-n', namespace])
  expect(document<DeployReport>(await forge('deploy', '--json')).restarted).toEqual([])
})

test('what forge must not rotate is refused before anything is written', async () => {
  const namespace = freshNamespace('kept')
  const { project, forge, bytes } = await deployedShop(namespace)
  const [before, db] = [await versions(namespace), await bytes('keys/db.txt')]

  const kept = await forge('secrets', 'rotate', 'app-secrets/db')
  expect(kept.status).toBe(3)
  expect(kept.stderr).toContain('E_SECRET_ROTATION')
  expect(kept.stderr).toContain('forge secrets apply --env test --restart')
  const whole = await forge('secrets', 'rotate', 'app-secrets')
  expect(whole.stderr).toContain('next    forge secrets rotate app-secrets/session --env test')

  await project.write('keys/token.txt', 'a-token-that-somebody-was-given')
  const other = await forge('secrets', 'rotate', 'app-secrets/session')
  expect(other.stderr).toContain('token of secret app-secrets would change too')

  expect(await versions(namespace)).toEqual(before)
  expect((await bytes('keys/db.txt')).equals(db)).toBe(true)
})
