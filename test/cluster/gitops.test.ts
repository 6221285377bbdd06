import { describe, expect, test } from '@jest/globals'
import { forgeHere, kubectl, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { moved, settled, stored, type Small } from '../support/small.ts'
import { deployed, settings } from '../support/small-deployed.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const web = sample.web({ probe: true })
const FLUX = ['kustomize.toolkit.fluxcd.io/name=apps', 'kustomize.toolkit.fluxcd.io/namespace=flux-system'] as const

/** Two deploys, and a third one that would change something. */
async function shop(prefix: string, helm: 3 | 4 = 4): Promise<Small> {
  const small = await deployed(prefix, helm, [settings('1'), web])
  await small.project.write('key.txt', 'the-first-value-of-key')
  await small.project.configure(['secrets'], { login: { files: { key: 'key.txt' } } })
  const uses = sample.configMap('settings', { level: '2', uses: 'login' })
  await small.render([uses, web])
  expect((await small.deploy()).status).toBe(0)
  await small.project.write('key.txt', 'the-second-value-of-key')
  await small.render([sample.configMap('settings', { level: '3', uses: 'login' }), web])
  return small
}

const COMMANDS = {
  deploy: async (small: Small) => await small.run('deploy', ['--json']),
  rollback: async (small: Small) => await small.run('rollback', ['--json', '--yes']),
  uninstall: async (small: Small) => await small.run('uninstall', ['--json', '--yes']),
  'secrets apply': async ({ project }: Small) =>
    await forgeHere(['secrets', 'apply', '--json', '--env', 'test', '-C', project.dir]),
} satisfies Record<string, (small: Small) => Promise<Ran>>

/** Every command that writes, each refused with nothing written. */
async function refusing(small: Small, message: string, names = Object.keys(COMMANDS)): Promise<void> {
  const all = async () => await stored(small.namespace, [`namespace/${small.namespace}`])
  await settled(small.namespace)
  const before = await all()
  const secrets = await kubectl(['get', 'secrets', '-n', small.namespace, '-o', 'name'])
  for (const name of names) {
    const ran = await COMMANDS[name as keyof typeof COMMANDS](small)
    const { verdict } = document<DeployReport>(ran)
    expect({ name, status: ran.status, code: verdict?.code, message: verdict?.message }).toEqual({
      name,
      status: 3,
      code: 'E_GITOPS_OWNED',
      message: expect.stringContaining(message),
    })
    expect(moved(before, await all())).toEqual({})
    expect(await kubectl(['get', 'secrets', '-n', small.namespace, '-o', 'name'])).toBe(secrets)
  }
}

test.each([3, 4] as const)('what Flux owns is written by nothing, with helm %i, and planned', async (helm) => {
  const small = await shop(`flux${helm}`, helm)
  const at = ['-n', small.namespace]
  await kubectl(['label', 'deployment', 'web', ...FLUX, ...at])
  const owner = 'Deployment/web belongs to Kustomization flux-system/apps'
  await refusing(small, owner, ['deploy', 'rollback', 'uninstall'])
  expect((await small.plan()).warnings).toContainEqual(expect.stringContaining(owner))

  await kubectl(['label', 'deployment', 'web', ...FLUX.map((one) => one.replace(/=.*/u, '-')), ...at])
  await kubectl(['label', 'secret', 'login', ...FLUX, ...at])
  await refusing(small, 'Secret/login belongs to Kustomization flux-system/apps', ['deploy', 'secrets apply'])
  await kubectl(['label', 'secret', 'login', ...FLUX.map((one) => one.replace(/=.*/u, '-')), ...at])
  expect((await small.deploy()).status).toBe(0)
})

test('a namespace that Argo CD owns', async () => {
  const small = await shop('argons')
  const id = `argocd.argoproj.io/tracking-id=team_shop:/Namespace:/${small.namespace}`
  await kubectl(['annotate', 'namespace', small.namespace, id])
  await refusing(small, `Namespace/${small.namespace} belongs to Application team/shop`)
  const tried = await small.run('uninstall', ['--dry-run'])
  expect([tried.status, tried.stderr]).toEqual([0, expect.stringContaining('belongs to Application team/shop')])
})

describe('marks that mean nothing', () => {
  test('foreign objects of Flux and Argo CD stay as they are, and forbid nothing', async () => {
    const small = await shop('beside')
    const at = ['-n', small.namespace]
    await kubectl(['create', 'configmap', 'theirs', ...at])
    await kubectl(['label', 'configmap', 'theirs', ...FLUX, ...at])
    // As a controller copies it from what it was made for.
    const copied = `argocd.argoproj.io/tracking-id=shop:apps/StatefulSet:${small.namespace}/web`
    await kubectl(['annotate', 'deployment', 'web', copied, ...at])
    await kubectl(['label', 'deployment', 'web', 'app.kubernetes.io/instance=shop', ...at])
    const before = await object('configmap', 'theirs', small.namespace)
    expect((await small.deploy()).report).toMatchObject({ outcome: 'deployed', verdict: null })
    expect(await object('configmap', 'theirs', small.namespace)).toEqual(before)
  })
})

test('managedBy: everything that writes is refused, everything that shows works', async () => {
  const small = await shop('managed')
  await small.project.configure(['environments', 'test', 'managedBy'], 'flux')
  await refusing(small, 'environment test is managed by Flux')
  expect((await small.plan()).warnings).toEqual([expect.stringContaining('environment test is managed by Flux')])
  for (const command of ['status', 'history'] as const) expect((await small.run(command, [])).status).toBe(0)
})
