import { definitionOf, kindOf } from '../support/manifests.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { document, startForge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { send } from '../support/processes.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import { WriteProxy } from '../support/write-proxy.ts'
import type { RecoveryReport } from '../../src/cli/close-recovery.ts'

const GROUP = `${freshNamespace('left')}.example.test`
const NAMES = ['cups', 'mugs', 'jugs', 'pots'].map((plural) => `${plural}.${GROUP}`)

afterAll(async () => {
  await kubectl(['delete', 'crd', ...NAMES, '--wait=false', '--ignore-not-found'])
})

const definition = (plural: string, maximum?: number): Manifest => {
  const size = { type: 'integer', ...(maximum === undefined ? {} : { maximum }) }
  const properties = { spec: { type: 'object', properties: { size } } }
  return definitionOf(GROUP, kindOf(plural), { schema: { openAPIV3Schema: { type: 'object', properties } } })
}

const settings: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: 'b' } }

async function bring({ project }: Small, ...all: Manifest[]): Promise<void> {
  await project.write('chart/crds/all.yaml', all.map((one) => `---\n${JSON.stringify(one)}\n`).join(''))
}

async function updating(...all: Manifest[]): Promise<Small> {
  const small = await smallProject(freshNamespace('left'), 4, [settings])
  await bring(small, ...all)
  await small.project.configure(['releases', 'small', 'crds'], 'update')
  expect(await small.deploy()).toMatchObject({ status: 0 })
  return small
}

/** Deploys, and kills forge when the API server has this write, before forge hears of it. */
async function killedAt({ project }: Small, what: string): Promise<void> {
  const { name, kubeconfig } = await testSandbox()
  const folder = await mkdtemp(join(tmpdir(), 'forge-left-'))
  const proxy = await WriteProxy.open(kubeconfig, folder)
  try {
    const env = { FORGE_SANDBOX: name, FORGE_HELM: await helmOf(4) }
    const run = startForge(['deploy', '-e', 'test', '-C', project.dir, '--kubeconfig', proxy.kubeconfig], { env })
    proxy.onWrite = (write) => (write.what === what ? 'mute' : 'pass')
    proxy.onAnswered = async () => await Promise.resolve(send(run.pid ?? 0, 'SIGKILL'))
    expect((await run).signal).toBe('SIGKILL')
  } finally {
    proxy.close()
    await rm(folder, { recursive: true, force: true })
  }
}

test('what a killed deploy has written of crds/ is named by the recovery, and stays', async () => {
  const small = await updating(definition('cups'))
  await bring(small, definition('cups', 9), definition('mugs'), definition('jugs'))
  await killedAt(small, `PATCH customresourcedefinitions/mugs.${GROUP}`)

  const ran = await small.run('recover', ['--json'])
  expect(document<RecoveryReport>(ran)).toMatchObject({
    outcome: 'restored',
    definitions: [
      { object: `CustomResourceDefinition/cups.${GROUP}`, isNew: false },
      { object: `CustomResourceDefinition/mugs.${GROUP}`, isNew: true },
    ],
  })
  const entry = (await small.run('history', ['2'])).stdout.replaceAll(/\s+/gu, ' ')
  expect(entry).toContain(`→ CustomResourceDefinition/mugs.${GROUP} stays`)
  expect(entry).not.toContain(`CustomResourceDefinition/jugs.${GROUP} stays`)
  expect((await small.plan()).objects.map(({ object, action }) => [object.split('.')[0], action])).toEqual([
    ['CustomResourceDefinition/cups', 'unchanged'],
    ['CustomResourceDefinition/mugs', 'unchanged'],
    ['CustomResourceDefinition/jugs', 'create'],
    ['ConfigMap/settings', 'unchanged'],
  ])
})

test('--no-rollback names what it has written of crds/', async () => {
  const small = await updating(definition('pots'))
  await bring(small, definition('pots', 9))
  const labels = { app: 'broken' }
  const spec = { containers: [{ name: 'a', image: 'registry.invalid/none' }] }
  await small.render([
    settings,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'broken' },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ])
  const { status, stderr } = await small.run('deploy', ['--no-rollback'])
  expect(status).toBe(5)
  expect(stderr.replaceAll(/\s+/gu, ' ')).toContain(
    `what was deployed stays as it is; CustomResourceDefinition/pots.${GROUP} of crds/ stays as this deploy made it`,
  )
})
