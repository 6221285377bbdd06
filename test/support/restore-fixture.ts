import { gunzipSync, gzipSync } from 'node:zlib'
import type { KubeObject } from '../../src/domain/kube.ts'
import { kubectl } from './cluster.ts'
import { snapshotOf, type LeftBehind } from './journal-fixture.ts'

type Data = Readonly<Record<string, string>>

/** Puts what an older forge left into a namespace of the test's own. Its run is dead: nobody waits until that shows. */
export async function restoreFixture(format: string, name: LeftBehind, namespace: string): Promise<void> {
  const { namespace: before, objects } = await snapshotOf(format, name)
  const moved = (text: string): string => text.replaceAll(before, namespace)
  await kubectl(['create', 'namespace', namespace])
  const placed = objects.map((object) => withText(object, moved))
  const isHelms = ({ metadata }: KubeObject): boolean => metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm'
  await Promise.all([
    apply(placed.filter(isHelms), 'helm'),
    apply(
      placed.filter((one) => !isHelms(one)),
      'forge',
    ),
  ])
}

async function apply(items: readonly KubeObject[], manager: string): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await kubectl(['apply', '--server-side', `--field-manager=${manager}`, '--filename', '-'], list)
}

function withText(object: KubeObject, moved: (text: string) => string): KubeObject {
  const { spec, ...placed } = JSON.parse(moved(JSON.stringify(object))) as KubeObject & { readonly spec?: object }
  if (object.kind === 'Lease') return placed
  const data = object['data'] as Data | undefined
  const whole = spec === undefined ? placed : { ...placed, spec }
  if (data?.['entry'] !== undefined) return { ...whole, ['data']: { entry: zipped(data['entry'], moved) } }
  if (object['type'] !== 'helm.sh/release.v1') return whole
  return { ...whole, ['data']: { release: btoa(zipped(atob(data?.['release'] ?? ''), moved)) } }
}

/** What is in a base64 of gzip, changed. */
function zipped(packed: string, change: (text: string) => string): string {
  return gzipSync(change(gunzipSync(Buffer.from(packed, 'base64')).toString())).toString('base64')
}
