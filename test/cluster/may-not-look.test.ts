import { expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { BASE, deployed, settings } from '../support/small-deployed.ts'
import { accountKubeconfig, readOnlyKubeconfig } from '../support/read-only.ts'
import * as sample from '../support/manifests.ts'
import { smallProject, type Small } from '../support/small.ts'
import { forgeHere } from '../support/cluster.ts'
import type { Ran } from '../support/forge.ts'

// What forge may not look at is unknown: nothing that it says, wherever it says it, is a claim about it.
const CLAIMS =
  /first (?:install|deploy)|never deployed|nothing (?:that forge deployed|was deployed|of what)|no data deleted|0 restarts|is not there yet|does not exist/u

/** Of somebody whom the cluster knows, and who may do nothing. */
async function nobody(namespace: string): Promise<string> {
  await kubectl(['create', 'serviceaccount', 'nobody', '-n', namespace])
  return await accountKubeconfig(namespace, 'nobody')
}

const everything = ({ stdout, stderr }: Ran): string => `${stderr}${stdout}`

async function rendered(prefix: string): Promise<Small> {
  const small = await deployed(prefix)
  await small.render([settings('2'), sample.web({ replicas: 2 })])
  return small
}

test('the plan of somebody who may not read Secrets says what it needs, and claims nothing of what runs', async () => {
  const small = await rendered('unseen')
  const kubeconfig = await readOnlyKubeconfig(small.namespace, { secrets: false })
  const ran = await small.run('plan', ['--kubeconfig', kubeconfig])
  const needs = `unknown: may not list secrets in ${small.namespace} (needs get, list)`
  expect(ran.status).toBe(0)
  expect(ran.stdout).toContain(`live: ${needs}`)
  expect(ran.stdout).toContain(`Back     ${needs}`)
  expect(ran.stdout).toContain(`whether data is deleted is ${needs}`)
  expect(ran.stdout).toMatch(/^next +forge rbac --env test .*--for plan/mu)
  expect(ran.stderr).toMatch(/preview +2 changes, .*rollback possible: unknown: may not list secrets/u)
  expect(everything(ran).replaceAll('0 restarts,', '')).not.toMatch(CLAIMS)
})

test('of one who may read nothing it does not know either what restarts, nor whether there is a namespace', async () => {
  const small = await rendered('blind')
  const kubeconfig = await nobody(small.namespace)
  const plan = await small.run('plan', ['--kubeconfig', kubeconfig])
  expect(plan.status).toBe(0)
  expect(plan.stderr).toMatch(/preview +0 changes, 2 objects not checked, .*rollback possible: unknown/u)
  expect(plan.stdout).toContain('whether pods restart is unknown: Deployment may not be read')
  expect(everything(plan)).not.toMatch(CLAIMS)

  const doctor = await forgeHere(['doctor', '-e', 'test', '-C', small.project.dir, '--kubeconfig', kubeconfig])
  expect(doctor.stdout).toMatch(/namespace \S+: you\s+may\s+not\s+get\s+namespace/u)
  expect(everything(doctor)).not.toMatch(CLAIMS)

  const migration = await forgeHere([
    ...['migrate-to-helm', '-e', 'test', '-C', small.project.dir, '--dry-run', '--kubeconfig', kubeconfig],
  ])
  expect(everything(migration)).not.toMatch(CLAIMS)
})

test('a release whose namespace may not be looked into is not taken for a new one', async () => {
  const home = freshNamespace('half')
  const away = `${home}-away`
  const small = await smallProject(home, 4, BASE)
  await small.project.configure(['releases', 'small', 'namespace'], away)
  expect(await small.deploy()).toMatchObject({ status: 0 })
  const kubeconfig = await readOnlyKubeconfig(home, { secrets: true })
  const ran = await small.run('plan', ['--kubeconfig', kubeconfig])
  expect(ran.stdout).toContain('live: #1, ready')
  expect(ran.stdout).toContain(`Back     unknown: may not list secrets in ${away} (needs get, list)`)
  expect(everything(ran)).not.toMatch(CLAIMS)
})

test.each(['status', 'deploy', 'rollback', 'history', 'recover', 'uninstall'] as const)(
  'forge %s names the place in which one may not look, and what one may not do',
  async (command) => {
    const small = await smallProject(freshNamespace('place'), 4, BASE)
    await kubectl(['create', 'namespace', small.namespace])
    const kubeconfig = await nobody(small.namespace)
    const { status, stderr } = await small.run(command, ['--kubeconfig', kubeconfig])
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: expect.stringMatching(
        new RegExp(`may not list secrets in namespace[^]*where +namespace ${small.namespace}, context nobody`, 'u'),
      ),
    })
  },
)
