import { gunzipSync } from 'node:zlib'
import { expect } from '@jest/globals'
import { freshNamespace, kubectl } from './cluster.ts'
import { smallProject, type Manifest, type Small } from './small.ts'

export const settings: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { a: 'b' },
}

/** Text that does not pack well, always the same. */
function noise(bytes: number, seed: number): string {
  let state = seed
  const line = (): string => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state.toString(36)
  }
  return Array.from({ length: Math.ceil(bytes / 6) }, line)
    .join('\n')
    .slice(0, bytes)
}

const SUB = 'charts/sub'

/** A chart with all that a record holds, and all that it does not. */
export async function richProject(helm: 3 | 4): Promise<Small> {
  const small = await smallProject(freshNamespace('packed'), helm, [settings])
  const write = async (name: string, text: string): Promise<void> => await small.project.write(`chart/${name}`, text)
  await write(
    'Chart.yaml',
    'apiVersion: v2\nname: small\nversion: 0.1.0\ndependencies:\n  - { name: sub, version: 1.0.0, alias: inner }\n',
  )
  await write('.helmignore', '# not for helm\n/raw/\n*.bak\n')
  await write('raw/huge.txt', noise(900_000, 1))
  await write('files/copy.bak', noise(900_000, 2))
  await write('files/dashboard.json', noise(120_000, 3))
  await write('README.md', noise(20_000, 4))
  await write('values.yaml', `objects: []\ntext: |\n  ${noise(30_000, 5).replaceAll('\n', '\n  ')}\n`)
  await write(
    'crds/none.yaml',
    `# ${noise(20_000, 6).replaceAll('\n', '\n# ')}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: from-crds }\n`,
  )
  await write('templates/NOTES.txt', noise(5_000, 7))
  await write('templates/_text.tpl', `{{/* ${noise(30_000, 8)} */}}`)
  await write(`${SUB}/Chart.yaml`, 'apiVersion: v2\nname: sub\nversion: 1.0.0\n')
  await write(`${SUB}/values.yaml`, `more: |\n  ${noise(20_000, 9).replaceAll('\n', '\n  ')}\n`)
  await write(`${SUB}/files/big.txt`, noise(900_000, 10))
  await write('values.schema.json', JSON.stringify({ type: 'object', description: noise(10_000, 11) }))
  return small
}

/** Of helm's own record, as it counts against the limit of a Secret. */
export async function recordLength(namespace: string, revision: number): Promise<number> {
  const text = await kubectl(['get', 'secret', `sh.helm.release.v1.small.v${revision}`, '-n', namespace, '-o', 'json'])
  const { data } = JSON.parse(text) as { data: { release: string } }
  const kept = Buffer.from(data.release, 'base64')
  expect(gunzipSync(Buffer.from(kept.toString('utf8'), 'base64')).length).toBeGreaterThan(kept.length)
  return kept.length
}
