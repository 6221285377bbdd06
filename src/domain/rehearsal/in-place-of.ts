import type { ReleaseRecord } from '../helm/model.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'
import { legacyRecord } from '../migrate/record.ts'
import { statedOf } from '../migrate/stated.ts'
import { asTheirs } from '../plan/managed.ts'
import { helmMarks, helmOwner } from '../plan/ownership.ts'
import { withoutGitops } from './managers.ts'

/** A release, as far as it matters here. */
export interface Applied {
  readonly release: { readonly name: string; readonly namespace: string }
  readonly history: readonly unknown[]
  readonly rendered: readonly Rendered[]
}

export interface InPlace {
  readonly objects: readonly KubeObject[]
  /** Of releases of which helm knows nothing there, with the namespace that each lives in. */
  readonly records: readonly { readonly record: ReleaseRecord; readonly namespace: string }[]
}

const CHART = { name: 'before-the-rehearsal', version: '0.0.0' } as const

/**
 * What Flux or Argo CD has applied, as it would stand had helm done so: who rehearses their next deploy deploys in their place. What
 * belongs to no release gets the marks of the one that renders it, and such a release a record of what was stated before.
 */
export function inPlaceOfGitops(releases: readonly Applied[], live: readonly KubeObject[], at: string): InPlace {
  const homes = new Map(
    releases.flatMap(({ release, history, rendered }) =>
      history.length > 0
        ? []
        : rendered
            .filter((one) => one.hook === undefined && !isBundledDefinition(one))
            .map(({ object }) => [keyOf(object), release] as const),
    ),
  )
  const theirs = live.map((object) => withoutGitops(asTheirs(object)))
  const isPlain = (object: KubeObject): boolean => homes.has(keyOf(object)) && helmOwner(object) === undefined
  const groups = Map.groupBy(theirs.filter(isPlain), (object) => homes.get(keyOf(object)))
  const records = [...groups].flatMap(([release, own]) => {
    if (release === undefined) return []
    const stated = own.map((object) => statedOf(object, undefined))
    const description = 'What was applied before the rehearsal'
    return [
      {
        record: { ...legacyRecord(release.name, stated, at), chart: CHART, description },
        namespace: release.namespace,
      },
    ]
  })
  return {
    objects: theirs.map((object) => (isPlain(object) ? marked(object, homes.get(keyOf(object))) : object)),
    records,
  }
}

function marked(object: KubeObject, release: Applied['release'] | undefined): KubeObject {
  if (release === undefined) return object
  const { labels, annotations } = helmMarks(release)
  const { metadata } = object
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...labels },
      annotations: { ...metadata.annotations, ...annotations },
    },
  }
}
