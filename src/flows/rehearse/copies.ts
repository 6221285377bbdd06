import { JOURNAL_TYPE, packedEntry, withEntry } from '../../domain/journal/record.ts'
import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { keysToSpare, namesToSpare } from '../../domain/redact/names.ts'
import { copiedEntry } from '../../domain/rehearsal/copied-entry.ts'
import { unlessItFails } from '../../expected.ts'
import type { Captured } from './capture.ts'
import type { RehearsalPorts } from './ports.ts'

type Copied = 'objects' | 'shared' | 'namespaces' | 'nodes' | 'volumes' | 'neighbours' | 'places'

/** What stands in the environment, with made-up secrets; nothing else of it goes into a sandbox. */
export interface Copies extends Pick<Captured, Copied | 'definitions'> {
  /** Sentences: what could not be copied. */
  readonly left: readonly string[]
  /** What no secret is, though it may be called like one. */
  readonly names: readonly string[]
}

/**
 * All is looked at before the first is copied: what is secret in one may stand in another. `manifests`: what tonight's deploy would
 * have, as helm renders it.
 */
export async function copiesOf(
  { objects, shared, definitions, namespaces, nodes, volumes, neighbours, places, rendered, values }: Captured,
  manifests: readonly string[],
  { environment: { redactor, codec }, disguise, copy }: RehearsalPorts,
): Promise<Copies> {
  const around = [...shared, ...namespaces, ...nodes, ...volumes, ...neighbours, ...places]
  const named = [...objects, ...rendered, ...around]
  const names = [...namesToSpare(named), ...keysToSpare([...objects, ...rendered])]
  redactor.spare(names)
  for (const object of rendered) disguise.learn(object)
  for (const one of values) disguise.learnValues(one)
  disguise.open({ objects: rendered, values, manifests, definitions })
  const isEntry = (object: KubeObject): boolean => object['type'] === JOURNAL_TYPE
  const made = copy([...objects.filter((object) => !isEntry(object)), ...around])
  const left = [...made.left]
  const entries = await Promise.all(
    objects.filter(isEntry).map(async (entry) => {
      const text = await unlessItFails(codec.unpack(packedEntry(entry) ?? ''), () => undefined)
      if (text === undefined) return left.push(`${nameOf(entry)} is not copied: it cannot be read`)
      return withEntry(disguise.known(entry), await codec.pack(copiedEntry(text, disguise)))
    }),
  )
  const found = new Map(made.objects.map((object) => [keyOf(object), object]))
  const of = (all: readonly KubeObject[]): KubeObject[] => all.flatMap((object) => found.get(keyOf(object)) ?? [])
  return {
    objects: [...of(objects), ...entries.flatMap((entry) => (typeof entry === 'number' ? [] : [entry]))],
    ...{ shared: of(shared), definitions, namespaces: of(namespaces), nodes: of(nodes), left, names },
    ...{ volumes: of(volumes), neighbours: of(neighbours), places: of(places) },
  }
}
