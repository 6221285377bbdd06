import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { findHelm } from '../../src/adapters/tools/helm.ts'
import { ROOT } from '../support/forge.ts'
import { tinyProject } from '../support/tiny.ts'

// What a release has: forge's package and the sandbox's, installed into an empty folder, on a machine without Go and without
// anything that forge has made before.
const NAME = `@api-forge/forge-sandbox-${process.platform}-${process.arch}`
let folder: string
let installed: string
let helm: string
let home: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-package-'))
  const archives = join(folder, 'archives')
  // Built by the command that runs these tests.
  await execa(process.execPath, ['scripts/sandbox-package.mjs', archives], {
    cwd: ROOT,
    env: { SANDBOX_PACKAGE_LEVEL: '1' },
  })
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', archives], { cwd: ROOT })
  const both = (await readdir(archives)).filter((name) => name.endsWith('.tgz')).map((name) => join(archives, name))
  await execa('npm', ['install', '--prefix', folder, '--offline', '--cache', join(folder, 'cache'), ...both], {
    cwd: folder,
  })
  installed = join(folder, 'node_modules', NAME)
  helm = (await findHelm({ signal: new AbortController().signal, progress: () => undefined })).path
}, 180_000)

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'forge-empty-'))
})

afterEach(async () => {
  await rm(home, { recursive: true })
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function forge(...args: readonly string[]) {
  const env = {
    PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_STATE_HOME: join(home, 'state'),
    FORGE_HELM: helm,
    FORGE_SANDBOX_BIN: undefined,
    FORGE_SANDBOX: undefined,
    FORGE_ENV: undefined,
    CI: 'true',
    NO_COLOR: '1',
  }
  const bin = join(folder, 'node_modules', '.bin', 'forge')
  const { exitCode, stdout, stderr } = await execa(bin, args, { cwd: folder, env, reject: false, stdin: 'ignore' })
  return { status: exitCode, stdout, stderr }
}

/** Changes the installed package for one test. */
async function changed(file: string, change: (content: Buffer) => string | Buffer, work: () => Promise<void>) {
  const path = join(installed, file)
  const whole = await readFile(path)
  await writeFile(path, change(whole))
  try {
    await work()
  } finally {
    await writeFile(path, whole)
  }
}

test('a sandbox comes from it, without Go, and a deploy into that succeeds', async () => {
  const project = await tinyProject('shop')
  try {
    const up = await forge('sandbox', 'up', '--json')
    expect({ status: up.status, program: (JSON.parse(up.stdout) as { program: unknown }).program }).toMatchObject({
      status: 0,
      program: { source: 'package', package: expect.stringContaining(`${NAME} `) },
    })
    expect(up.stderr).not.toContain('building')
    const deploy = await forge('deploy', '-C', project.dir, '--env', 'sandbox', '--json')
    expect({ status: deploy.status, ...(JSON.parse(deploy.stdout) as object) }).toMatchObject({
      status: 0,
      outcome: 'deployed',
    })
    expect(JSON.parse((await forge('sandbox', 'build', '--json')).stdout)).toMatchObject({ source: 'cache' })
  } finally {
    await forge('sandbox', 'down')
  }
})

test('it says where the program came from', async () => {
  const { status, stderr } = await forge('sandbox', 'build')
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringContaining(`prebuilt, from the package ${NAME} `),
  })
})

test('one of another forge is passed over, and said to be', async () => {
  const other = (content: Buffer): string =>
    content.toString().replace(/"key": "[0-9a-f]{16}"/u, '"key": "0123456789abcdef"')
  await changed('package.json', other, async () => {
    const { status, stderr } = await forge('sandbox', 'build')
    expect(status).toBe(3)
    expect(stderr).toMatch(/the package @api-forge\/forge-sandbox-\S+ \S+ is of another forge and is not used/u)
    expect(stderr).toContain('E_TOOL_GO')
  })
})

test('one whose program is not what it was made with is refused, and nothing of it is kept', async () => {
  const damaged = (content: Buffer): Buffer => Buffer.concat([content.subarray(0, -1), Buffer.from([0])])
  await changed('forge-sandbox.zst', damaged, async () => {
    const { status, stderr } = await forge('sandbox', 'build')
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('E_TOOL_CHECKSUM') })
    const left = await readdir(join(home, 'cache'), { recursive: true, withFileTypes: true })
    expect(left.filter((entry) => entry.isFile() && entry.name.startsWith('forge-sandbox'))).toEqual([])
  })
})

test('it carries the licences of what it is made of, and the list of that', async () => {
  const { components } = JSON.parse(await readFile(join(installed, 'forge-sandbox.cdx.json'), 'utf8')) as {
    components: { name: string; version: string; purl: string }[]
  }
  expect(components.map(({ purl }) => purl)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^pkg:golang\/k8s\.io\/kubernetes@v1\./u),
      expect.stringMatching(/^pkg:golang\/std@1\./u),
      expect.stringMatching(/^pkg:golang\/go\.etcd\.io\/etcd\/server\/v3@v3\./u),
    ]),
  )
  const licenses = await readFile(join(installed, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
  for (const { name, version } of components) expect(licenses).toContain(`\n${name} ${version} (`)
})
