import type { KubeObject } from '../../../src/domain/kube.ts'
import type { WatchedKind } from '../../../src/domain/readiness/model.ts'
import type { WatchBatch, WatchEvent } from '../../../src/ports.ts'
import type { Effects } from './effects.ts'
import type { ObjectStore } from './store.ts'

/** First all that there is, then what happens, one event a batch. */
export async function* watchStore(
  store: ObjectStore,
  kinds: readonly WatchedKind[],
  home: string,
  signal: AbortSignal,
  effects: Pick<Effects, 'alive'>,
): AsyncGenerator<WatchBatch> {
  const isWatched = (object: KubeObject): boolean => kinds.some((kind) => isOfKind(object, kind, home))
  const existing = store.all().filter(isWatched)
  const queue: WatchBatch[] = [{ initial: true, events: existing.map((object) => ({ type: 'set', object })) }]
  let wake = (): void => undefined
  const stop = store.listen((event: WatchEvent) => {
    if (!isWatched(event.object)) return
    queue.push({ initial: false, events: [event] })
    wake()
  })
  signal.addEventListener('abort', () => wake())
  try {
    for (;;) {
      await effects.alive()
      if (signal.aborted) return
      const batch = queue.shift()
      if (batch === undefined) await new Promise<void>((resolve) => (wake = resolve))
      else yield batch
    }
  } finally {
    stop()
  }
}

function isOfKind(
  object: KubeObject,
  { apiVersion, kind, fieldSelector, namespace }: WatchedKind,
  home: string,
): boolean {
  const { name, namespace: place } = object.metadata
  const isThere = place === undefined || place === (namespace ?? home)
  const isNamed = fieldSelector === undefined || !fieldSelector.startsWith('metadata.name=')
  return (
    object.kind === kind &&
    object.apiVersion === apiVersion &&
    isThere &&
    (isNamed || fieldSelector === `metadata.name=${name}`)
  )
}
