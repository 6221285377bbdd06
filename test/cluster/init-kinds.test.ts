import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { objects } from '../support/cluster.ts'
import { document, forge, ROOT, type Ran } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { deployed, filesIn, folderWith, removeInitNamespaces, type Place } from '../support/init-place.ts'
import { testSandbox } from '../support/sandbox.ts'

afterAll(removeInitNamespaces)

const FOLDERS = join(ROOT, 'test', 'fixtures', 'init')

/** A copy, and a namespace that takes only restricted pods. */
async function folderOf(kind: string): Promise<Place> {
  const place = await folderWith({})
  if (kind !== 'empty') await cp(join(FOLDERS, kind), place.dir, { recursive: true })
  return place
}

interface Kind {
  readonly kind: string
  /** What is made of it. */
  readonly from: string
  readonly workloads: readonly string[]
  readonly written: RegExp
}

test.each<Kind>([
  {
    kind: 'compose-only',
    from: 'compose',
    workloads: ['cache', 'db', 'web', 'worker'],
    written: /^chart\/|^forge|^secrets\.env$|^\.gitignore$/u,
  },
  { kind: 'kustomize', from: 'kustomization', workloads: ['web'], written: /^chart\/|^forge/u },
  { kind: 'helm-chart', from: 'charts', workloads: ['web', 'worker'], written: /^forge\.yaml$/u },
  { kind: 'dockerfiles', from: 'dockerfiles', workloads: ['api', 'site'], written: /^chart\/|^forge/u },
  { kind: 'empty', from: 'sample', workloads: ['web'], written: /^chart\/|^forge/u },
])(
  'a folder of the kind $kind: initialised, valid, deployed, unchanged',
  async ({ kind, from, workloads, written }) => {
    const place = await folderOf(kind)
    const before = await filesIn(place)
    const report = await deployed(place)
    expect(report.from.kind).toBe(from)
    expect((await objects('deployments', place.name)).map(({ metadata }) => metadata.name)).toEqual(workloads)
    for (const { file } of report.written) expect(file).toMatch(written)
    expect((await filesIn(place)).filter((file) => !before.includes(file)).toSorted()).toEqual(
      report.written.map(({ file }) => file).toSorted(),
    )
  },
)

test('a folder of the kind live release: initialised, valid, deployed, unchanged, without a restart', async () => {
  const place = await folderWith({})
  const { kubeconfig } = await testSandbox()
  const chart = join(await mkdtemp(join(tmpdir(), 'forge-init-live-')), 'deploy')
  await cp(join(FOLDERS, 'helm-chart', 'deploy'), chart, { recursive: true })
  const helm = await helmOf(4)
  const to = ['--kubeconfig', kubeconfig, '-n', place.name]
  await execa(helm, ['dependency', 'build', join(chart, 'web')])
  await execa(helm, ['install', 'web', join(chart, 'web'), '--wait', '--set', 'replicas=2', ...to])
  const pods = async (): Promise<string[]> =>
    (await objects('pods', place.name)).map(({ metadata }) => metadata.uid).toSorted()
  const before = await pods()
  const run = async (...args: readonly string[]): Promise<Ran> =>
    await forge([...args, '-C', place.dir], { env: { KUBECONFIG: kubeconfig } })
  const live = ['init', '--yes', '--from-release', 'web', '-n', place.name, '--chart', join(chart, 'web')]
  expect(await run(...live)).toMatchObject({ status: 0, stderr: '' })
  const valid = await run('validate', '--env', 'prod')
  expect({ status: valid.status, warned: valid.stdout.includes('warning') }).toEqual({ status: 0, warned: false })
  const ran = await run('deploy', '--env', 'prod', '--adopt', '--yes', '--json')
  expect(document(ran)).toMatchObject({ outcome: 'deployed', verdict: null })
  const again = await run('deploy', '--env', 'prod', '--yes', '--json')
  expect(document(again)).toMatchObject({ outcome: 'unchanged', verdict: null })
  expect(await pods()).toEqual(before)
})
