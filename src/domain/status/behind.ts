import type { KubeObject } from '../kube.ts'
import { configReferences } from '../manifest/config-references.ts'
import { secretReferences } from '../manifest/secret-references.ts'
import { KEY_REVISIONS, REVISION } from '../secrets/plan.ts'
import { parseJson } from '../json.ts'
import { isMap } from '../config/path.ts'

const SECRET = 'forge.api-forge.io/secret-'

/** What the cluster holds now, and what the last deploy wrote, by name. */
export interface Holdings {
  /** Live Secrets; metadata is enough. */
  readonly secrets: ReadonlyMap<string, KubeObject>
  readonly configMaps: ReadonlyMap<string, KubeObject>
  readonly renderedMaps: ReadonlyMap<string, KubeObject>
  /** Paths of Vault, by the annotation of a pod that says which version it began with. */
  readonly homes?: ReadonlyMap<string, HeldHome>
}

export interface HeldHome {
  readonly path: string
  readonly version: number
  /** Versions that hold what this one holds, in what is taken of them. */
  readonly same: ReadonlySet<string>
}

/**
 * The Secrets and ConfigMaps of which this pod was made with an older state: a Secret by the number that forge wrote on
 * the pod and on the Secret (docs/design.md, "Configuration and restarts"), a ConfigMap that was changed since the pod began,
 * in a key that the pod consumes and away from what the last deploy wrote.
 */
export function behindOf(pod: KubeObject, held: Holdings): string[] {
  return [...secretsBehind(pod, held), ...homesBehind(pod, held), ...mapsBehind(pod, held)]
}

function secretsBehind(pod: KubeObject, { secrets }: Holdings): string[] {
  const references = secretReferences(pod)
  return Object.entries(pod.metadata.annotations ?? {}).flatMap(([annotation, noted]) => {
    const name = annotation.startsWith(SECRET) ? annotation.slice(SECRET.length) : undefined
    const live = name === undefined ? undefined : secrets.get(name)
    if (name === undefined || live === undefined) return []
    const used = references.filter(({ secret }) => secret === name).map(({ keys }) => keys)
    const holds = latest(live, used)
    return holds > Number(noted) ? [`${name} r${noted}, the cluster holds r${holds}`] : []
  })
}

/** Its agent renews the file; what the program read at its start is of the version that is noted. */
function homesBehind(pod: KubeObject, { homes = new Map<string, HeldHome>() }: Holdings): string[] {
  return Object.entries(pod.metadata.annotations ?? {}).flatMap(([annotation, noted]) => {
    const home = homes.get(annotation)
    if (home === undefined || home.same.has(noted)) return []
    return [`${home.path} v${noted}, Vault holds v${home.version}`]
  })
}

/** The number under which one of these keys last changed. A list of keys that is not known means all of them. */
function latest({ metadata }: KubeObject, used: readonly (readonly string[] | undefined)[]): number {
  const revision = Number(metadata.annotations?.[REVISION] ?? 0)
  const known = numbersOf(metadata.annotations?.[KEY_REVISIONS])
  const wanted = used.flatMap((keys) => keys ?? [...known.keys()])
  return Math.max(0, ...wanted.map((key) => known.get(key) ?? revision))
}

function numbersOf(text: string | undefined): Map<string, number> {
  const value = parseJson(text ?? '{}')
  const entries = Object.entries(isMap(value) ? value : {})
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}

function mapsBehind(pod: KubeObject, { configMaps, renderedMaps }: Holdings): string[] {
  const began = Date.parse(pod.metadata.creationTimestamp ?? '')
  const names = new Map<string, string[]>()
  for (const { name, keys } of configReferences(pod)) {
    const [live, wrote] = [configMaps.get(name), renderedMaps.get(name)]
    if (live === undefined || wrote === undefined || !(writtenAt(live) > began)) continue
    const changed = differing(dataOf(live), dataOf(wrote)).filter((key) => keys?.includes(key) !== false)
    names.set(name, [...new Set([...(names.get(name) ?? []), ...changed])])
  }
  return [...names].flatMap(([name, keys]) =>
    keys.length === 0 ? [] : [`${name} ${keys.join(', ')}, changed after the pod began`],
  )
}

function writtenAt({ metadata }: KubeObject): number {
  return Math.max(0, ...(metadata.managedFields ?? []).map(({ time }) => Date.parse(time ?? '') || 0))
}

function dataOf(map: KubeObject): Readonly<Record<string, unknown>> {
  const { data, binaryData } = map as { readonly data?: object; readonly binaryData?: object }
  return { ...data, ...binaryData }
}

function differing(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key])
}
