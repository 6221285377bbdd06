import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { ROOT } from '../support/forge.ts'
import type { TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'

// `npm pack` makes what `npm install` needs nothing else for: no other package, no network.
let folder: string
let installed: string
let project: TestProject
const namespace = freshNamespace('install')
/** A folder, and so the project and its namespace. */
const first = freshNamespace('first')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-install-'))
  // Built by the command that runs these tests.
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT })
  const [archive = ''] = await readdir(folder)
  const npm = ['install', '--prefix', folder, '--offline', '--cache', join(folder, 'cache'), join(folder, archive)]
  await execa('npm', npm, { cwd: folder })
  installed = join(folder, 'node_modules', '@api-forge', 'forge')
  project = await tinyProject(namespace)
}, 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
  await kubectl(['delete', 'namespace', namespace, first, '--ignore-not-found', '--wait=false'])
})

/** As a shell finds it, with the Node that is there. */
async function forge(
  ...args: readonly string[]
): Promise<{ readonly status: number | undefined; readonly stdout: string; readonly stderr: string }> {
  const { name } = await testSandbox()
  const path = [dirname(process.execPath), process.env['PATH']].join(':')
  const env = { PATH: path, CI: 'true', NODE_ENV: 'test', FORGE_SANDBOX: name, FORGE_ENV: undefined }
  const bin = join(folder, 'node_modules', '.bin', 'forge')
  const { exitCode, stdout, stderr } = await execa(bin, args, { cwd: folder, env, reject: false })
  return { status: exitCode, stdout, stderr }
}

test('it is one package, and a small one', async () => {
  const packages = await readdir(join(folder, 'node_modules'))
  expect(packages.filter((name) => !name.startsWith('.'))).toEqual(['@api-forge'])
  expect(await readdir(join(folder, 'node_modules', '@api-forge'))).toEqual(['forge'])
  const files = await readdir(installed, { recursive: true, withFileTypes: true })
  const sizes = files
    .filter((one) => one.isFile())
    .map(async (one) => (await stat(join(one.parentPath, one.name))).size)
  const mib = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1024 / 1024
  expect(mib).toBeGreaterThan(1)
  expect(mib).toBeLessThan(8)
})

test('it carries the licences of what it is made of, and the list of that', async () => {
  const { components } = JSON.parse(await readFile(join(installed, 'dist', 'forge.cdx.json'), 'utf8')) as {
    components: { name: string; version: string; licenses: object[] }[]
  }
  const names = components.map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['@oclif/core', '@kubernetes/client-node', 'listr2', 'execa', 'yaml', 'zod']),
  )
  const licenses = await readFile(join(installed, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8')
  for (const { name, version } of components) expect(licenses).toContain(`\n${name} ${version} (`)
  expect(licenses).toContain('Permission is hereby granted, free of charge')
})

test('it deploys, and says of itself what it is', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  expect((await forge('--version')).stdout).toContain(`forge/${version} `)
  // Whatever NODE_ENV a pipeline has: nothing is compiled here, and nothing is said of it.
  expect(await forge('validate', '-C', project.dir)).toMatchObject({ status: 0, stderr: '' })
  const { status, stdout } = await forge('deploy', '-C', project.dir, '--env', 'sandbox', '--json')
  const { outcome, verdict } = JSON.parse(stdout) as { outcome: string; verdict: unknown }
  expect({ status, outcome, verdict }).toEqual({ status: 0, outcome: 'deployed', verdict: null })
})

test('the first thing that one does with it: init in an empty folder, and deploy', async () => {
  const dir = join(folder, first)
  await mkdir(dir)
  expect(await forge('init', '--yes', '-C', dir)).toMatchObject({ status: 0, stderr: '' })
  const { status, stdout } = await forge('deploy', '-C', dir, '--json')
  const { outcome, verdict } = JSON.parse(stdout) as { outcome: string; verdict: unknown }
  expect({ status, outcome, verdict }).toEqual({ status: 0, outcome: 'deployed', verdict: null })
})
