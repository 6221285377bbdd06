import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { knownHelms } from '../../src/adapters/tools/known-helms.ts'
import { buildahStore } from '../support/buildah.ts'
import { buildCliImage } from '../support/cli-image.ts'
import { ROOT } from '../support/forge.ts'

let dir = ''
let env: Record<string, string> = {}
let container = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-cli-image-'))
  env = await buildahStore(join(dir, 'store'))
  await buildCliImage(dir, env)
  container = await buildah(['from', '--pull=never', 'localhost/forge'])
}, 900_000)
afterAll(async () => {
  await buildah(['rm', '--all'])
  await rm(dir, { recursive: true, force: true })
})

async function buildah(args: readonly string[]): Promise<string> {
  return (await execa('buildah', args, { env })).stdout
}

const inside = async (...args: readonly string[]): Promise<string> =>
  await buildah(['run', '--isolation', 'chroot', container, '--', ...args])

test('it has forge, helm and kubectl, and runs them as nobody in particular', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  expect(await inside('forge', '--version')).toContain(`forge/${version} linux-x64`)
  expect(await inside('helm', 'version', '--short')).toMatch(/^v4\.3/u)
  expect(await inside('kubectl', 'version', '--client')).toContain('Client Version: v1.')
  expect(await inside('sh', '-c', 'id -u; cd; echo > here; cd /work; echo > here; echo $HOME')).toBe(
    '1000\n/home/forge',
  )
  const others = 'for one in /usr/local/bin/forge /opt/forge/dist/main.js /usr/local/bin/helm; do test ! -w $one; done'
  await inside('sh', '-euc', others)
})

test('started by its name it is forge', async () => {
  const { OCIv1 } = JSON.parse(await buildah(['inspect', '--type', 'image', 'localhost/forge'])) as {
    OCIv1: { config: Record<string, unknown> }
  }
  expect(OCIv1.config).toMatchObject({ Entrypoint: ['forge'], User: '1000:1000', WorkingDir: '/work' })
  await inside('forge', 'explain', 'E_USAGE')
})

test('what it fetches is what forge knows of helm, and kubectl is at most a minor version from the sandbox', async () => {
  const text = await readFile(join(ROOT, 'Dockerfile'), 'utf8')
  const [known] = knownHelms([4, 3, 0])
  for (const arch of ['amd64', 'arm64'])
    expect(text).toContain(
      `sha256:${known?.archives?.[`linux-${arch}`] ?? ''} https://get.helm.sh/helm-v${known?.version ?? ''}-linux-${arch}.tar.gz`,
    )
  const [, minor = ''] =
    /k8s\.io\/kubernetes v1\.(\d+)/u.exec(await readFile(join(ROOT, 'k8s/sandbox/go.mod'), 'utf8')) ?? []
  const fetched = [...text.matchAll(/release\/v1\.(\d+)\.\d+\//gu)].map(([whole, own = '']) => ({ whole, own }))
  expect(fetched).toHaveLength(2)
  expect(fetched[1]?.whole).toBe(fetched[0]?.whole)
  // As far as kubectl and an API server may be apart (kubernetes.io, "Version Skew Policy").
  expect(Math.abs(Number(fetched[0]?.own) - Number(minor))).toBeLessThanOrEqual(1)
})
