import { readFile } from 'node:fs/promises'
import { storedRelease } from '../../src/adapters/kubernetes/releases.ts'
import { gzipCodec } from '../../src/adapters/state/gzip.ts'
import { deployNumber, packedEntry } from '../../src/domain/journal/record.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { ReleaseRecord } from '../../src/domain/helm/model.ts'

const FIXTURES = new URL('../fixtures/', import.meta.url)

/** What a forge of this format has left in a namespace, and in saved plans (test/fixtures/make-journal.ts). */
export const LEFT = ['history', 'rollback-cut', 'uninstall-cut', 'uninstalled'] as const
export type LeftBehind = (typeof LEFT)[number]

interface Snapshot {
  readonly namespace: string
  readonly objects: readonly KubeObject[]
}

export async function snapshotOf(format: string, name: LeftBehind): Promise<Snapshot> {
  return JSON.parse(await readFile(new URL(`journal-${format}/${name}.json`, FIXTURES), 'utf8')) as Snapshot
}

/** The texts of the entries, newest first. */
export async function entriesOf(format: string, name: LeftBehind): Promise<string[]> {
  const { objects } = await snapshotOf(format, name)
  const records = objects.filter((object) => deployNumber(object) !== undefined)
  const sorted = records.sort((one, other) => (deployNumber(other) ?? 0) - (deployNumber(one) ?? 0))
  return await Promise.all(sorted.map(async (record) => await gzipCodec.unpack(packedEntry(record) ?? '')))
}

/** helm's records by release, newest first. */
export async function historiesOf(format: string, name: LeftBehind): Promise<Map<string, ReleaseRecord[]>> {
  const { objects } = await snapshotOf(format, name)
  const records = objects
    .filter(({ type }) => type === 'helm.sh/release.v1')
    .map(storedRelease)
    .sort((one, other) => other.revision - one.revision)
  return Map.groupBy(records, (record) => record.name)
}
