import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, objects, type LiveObject } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { exampleProject } from '../support/project.ts'

/** Base64 in base64 in gzip, as helm and the journal keep their records; what is not packed is left as it is. */
function unpacked(text: string): string {
  const bytes = Buffer.from(text, 'base64')
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes).toString()
  const inner = bytes.toString()
  return /^[A-Za-z0-9+/=\s]{40,}$/u.test(inner) ? unpacked(inner) : inner
}

function forgesRecords(secrets: readonly LiveObject[]): string[] {
  const records = secrets.filter(({ type }) => type === 'helm.sh/release.v1' || type === 'forge.api-forge.io/journal')
  return records.map(({ metadata, data = {} }) => `${metadata.name}: ${Object.values(data).map(unpacked).join('\n')}`)
}

test('no secret value is in output, evidence, Helm records or the journal, however the deploy ends', async () => {
  const namespace = freshNamespace('hush')
  const project = await exampleProject(namespace)
  const keys = join(project.dir, 'infra', 'secrets', 'keys')
  const values = await Promise.all(
    (await readdir(keys))
      .filter((file) => file.endsWith('.txt'))
      .map(async (file) => (await readFile(join(keys, file), 'utf8')).trim()),
  )
  expect(values.length).toBeGreaterThan(8)

  // A value that somebody put where it does not belong would stay in helm's record.
  const deploy = ['deploy', '-e', 'sandbox', '-C', project.dir]
  const leak = await forgeHere([...deploy, '--set', `app.env.LEAKED=${values[0] ?? ''}`])
  expect(leak).toMatchObject({ status: 3, stderr: expect.stringContaining('E_VALUES_SECRET') as unknown })
  const good = await forgeHere(deploy)
  expect(good).toMatchObject({ status: 0 })
  const bad = await forgeHere([...deploy, '--json', '--set', 'app.image=registry.invalid/app:9'])
  const { evidence } = document<DeployReport>(bad)
  if (evidence === null) throw new Error(`no evidence was kept:\n${bad.stdout}`)
  const files = await readdir(evidence, { recursive: true, withFileTypes: true })
  const kept = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map(async (file) => `${file.name}: ${await readFile(join(file.parentPath, file.name), 'utf8')}`),
  )
  expect(kept.length).toBeGreaterThan(3)
  const records = forgesRecords(await objects('secrets', namespace))
  expect(records.length).toBeGreaterThan(3)

  const shown = [leak, good, bad].flatMap(({ stdout, stderr }) => [stdout, stderr])
  for (const value of values) {
    const forms = [value, Buffer.from(value).toString('base64')]
    expect([...shown, ...kept, ...records].filter((text) => forms.some((form) => text.includes(form)))).toEqual([])
  }
})
