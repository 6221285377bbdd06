import type { ReleaseRecord } from '../../domain/helm/model.ts'
import { keyOf, refOf, type ApiResource, type ObjectRef } from '../../domain/kube.ts'
import { withObjects, withoutObjects } from '../../domain/manifest/moved-objects.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import type { ReleaseName } from '../../domain/plan/take-over.ts'
import { editManifest, type HeldRecords } from '../apply/record.ts'
import { reOwn } from '../apply/re-own.ts'
import type { Writer } from '../apply/write-session.ts'
import { inAnyCase } from '../in-any-case.ts'
import { inspectRecord } from '../observe/release-records.ts'
import type { Applied } from '../phases/applied.ts'
import type { Connection } from '../phases/ports.ts'

/** A release, and its newest revision before the deploy that is taken back; 0: it had none. */
export interface Since extends ReleaseName {
  readonly since: number
}

export interface Giving {
  readonly taker: Since
  readonly takes: readonly { readonly from: Since; readonly objects: readonly ObjectRef[] }[]
}

interface Scene extends HeldRecords {
  readonly cluster: Connection
  readonly resources: readonly ApiResource[]
}

/**
 * Objects that a deploy has moved belong to the release again that they came from, before helm takes either of them back: the revisions
 * of the taker no longer have them, or helm would delete them with it; those of the giver say what the taker made of them, so
 * that helm takes exactly that back. What it finds done already stays, so it can be done again after a kill.
 */
export async function giveBack({ taker, takes }: Giving, scene: Scene, signal: AbortSignal): Promise<void> {
  const own = await revisionsOf(taker, scene, signal)
  for (const { from, objects } of takes) {
    const keys = new Set(objects.map(keyOf))
    const stated = own.map((record) => statedIn(record, taker, keys, scene)).find((found) => found.length > 0) ?? []
    for (const { revision } of await revisionsOf(from, scene, signal))
      await edit(from, revision, (text) => withMissing(text, stated, from, scene), scene, signal)
    for (const { revision } of own)
      await edit(taker, revision, (text) => withoutObjects(text, keys, taker.namespace), scene, signal)
    await reOwn({ objects, from: taker, to: from }, scene, signal)
  }
}

/** Of a deploy that failed: the last that took something over first. */
export async function giveAllBack(
  { releases, cluster, facts: { resources } }: Applied,
  { ports, session }: Pick<Writer, 'ports' | 'session'>,
  signal: AbortSignal,
): Promise<void> {
  const { codec } = ports
  const scene = { cluster, codec, resources, confirm: async () => await session.confirm() }
  for (const taker of releases.filter(({ progress }) => progress.tookOver).reverse()) {
    const since = (name: string): number =>
      releases.find(({ release }) => release.name === name)?.history[0]?.revision ?? 0
    const { release, takes = [] } = taker
    const operation = { op: 'give-back', release: release.name, from: takes.map(({ from }) => from.name) } as const
    await scene.confirm()
    await inAnyCase(session.record.step(operation, 'running'), ports)
    await giveBack(
      {
        taker: { ...release, since: since(release.name) },
        takes: takes.map(({ from, objects }) => {
          return { from: { ...from, since: since(from.name) }, objects: objects.map(({ object }) => refOf(object)) }
        }),
      },
      scene,
      signal,
    )
    await inAnyCase(session.record.step(operation, 'done'), ports)
  }
}

async function revisionsOf({ name, namespace, since }: Since, { cluster }: Scene, signal: AbortSignal) {
  return (await cluster.history(name, namespace, signal)).filter(({ revision }) => revision > since)
}

function statedIn(
  record: ReleaseRecord,
  { namespace }: ReleaseName,
  keys: ReadonlySet<string>,
  { resources }: Scene,
): Rendered[] {
  return inspectRecord(record, namespace, resources).rendered.filter(({ object }) => keys.has(keyOf(object)))
}

function withMissing(
  text: string,
  stated: readonly Rendered[],
  { name, namespace }: ReleaseName,
  { resources }: Scene,
): string {
  const record = { name, revision: 0, fault: undefined, manifest: text, hooks: [] }
  const known = new Set(inspectRecord(record, namespace, resources).rendered.map(({ object }) => keyOf(object)))
  return withObjects(
    text,
    stated.filter(({ object }) => !known.has(keyOf(object))),
    namespace,
  )
}

async function edit(
  release: ReleaseName,
  revision: number,
  change: (manifest: string) => string,
  scene: Scene,
  signal: AbortSignal,
): Promise<void> {
  await scene.confirm()
  await editManifest(release, revision, change, scene, signal)
}
