import fc from 'fast-check'
import type { KubeObject } from '../../src/domain/kube.ts'

/** What each ConfigMap and Secret holds, by `Kind/name`: a number for each key, which stands for its value. */
export type Stock = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface Change {
  readonly object: string
  readonly key: string
}

export interface Scene {
  readonly workloads: readonly KubeObject[]
  readonly stock: Stock
}

/** Secrets whose name starts with `own` are forge's; the others are somebody else's. */
export const names = { ConfigMap: ['settings', 'scripts'], Secret: ['own-login', 'foreign'] } as const
const KEYS = ['a', 'b', 'c.conf'] as const

const key = fc.constantFrom(...KEYS)
const kind = fc.constantFrom('ConfigMap' as const, 'Secret' as const)
const object = kind.chain((one) => fc.constantFrom(...names[one]).map((name) => ({ kind: one, name })))
type Named = { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }

const envOf = ({ kind: one, name }: Named, from: string): unknown => ({
  name: 'V',
  valueFrom: one === 'ConfigMap' ? { configMapKeyRef: { name, key: from } } : { secretKeyRef: { name, key: from } },
})
const envFromOf = ({ kind: one, name }: Named): unknown =>
  one === 'ConfigMap' ? { configMapRef: { name } } : { secretRef: { name } }

const items = fc.option(
  fc
    .uniqueArray(key, { minLength: 1 })
    .chain((keys) =>
      fc
        .constantFrom('', 'in/', 'in/side/')
        .map((folder) => keys.map((one) => ({ key: one, path: `${folder}${one}` }))),
    ),
  { nil: undefined },
)
const subPath = fc.option(fc.oneof(key, fc.constantFrom('in', 'in/', './a', 'in/side', 'in/a')), { nil: undefined })
const volume = fc.record({ from: object, items, projected: fc.boolean(), mounts: fc.array(subPath, { maxLength: 2 }) })

type Volume = typeof volume extends fc.Arbitrary<infer V> ? V : never

const volumeOf = ({ from, items: some, projected }: Volume, at: number): unknown => {
  const more = some === undefined ? {} : { items: some }
  const name = `v${at}`
  if (projected) {
    const source = { name: from.name, ...more }
    return { name, projected: { sources: [from.kind === 'ConfigMap' ? { configMap: source } : { secret: source }] } }
  }
  return from.kind === 'ConfigMap'
    ? { name, configMap: { name: from.name, ...more } }
    : { name, secret: { secretName: from.name, ...more } }
}

const consumption = fc.record({
  env: fc.array(fc.tuple(object, key), { maxLength: 2 }),
  envFrom: fc.array(object, { maxLength: 1 }),
  volumes: fc.array(volume, { maxLength: 2 }),
  inInit: fc.boolean(),
})

type Consumption = typeof consumption extends fc.Arbitrary<infer C> ? C : never

function workloadOf({ env, envFrom, volumes, inInit }: Consumption, at: number): KubeObject {
  const container = {
    name: 'c',
    image: 'i',
    env: env.map(([from, one]) => envOf(from, one)),
    envFrom: envFrom.map(envFromOf),
    volumeMounts: volumes.flatMap(({ mounts }, index) =>
      mounts.map((path) => ({ name: `v${index}`, mountPath: '/m', ...(path === undefined ? {} : { subPath: path }) })),
    ),
  }
  const spec = {
    ...(inInit ? { initContainers: [container] } : { containers: [container] }),
    volumes: volumes.map(volumeOf),
  }
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet']
  return {
    apiVersion: 'apps/v1',
    kind: kinds[at % kinds.length] ?? '',
    metadata: { name: `w${at}`, namespace: 'n' },
    spec: { template: { metadata: { labels: { app: `w${at}` } }, spec } },
  }
}

const filled = fc.record(Object.fromEntries(KEYS.map((one) => [one, fc.integer({ min: 1, max: 9 })])))

/** A chart of a few workloads that consume something or nothing, what there is to consume, and one key that changes. */
export const scene = fc.record({
  workloads: fc.array(consumption, { minLength: 1, maxLength: 5 }).map((all) => all.map(workloadOf)),
  stock: fc.record(
    Object.fromEntries(Object.entries(names).flatMap(([one, all]) => all.map((name) => [`${one}/${name}`, filled]))),
  ),
  change: fc.record({ object: object.map((one) => `${one.kind}/${one.name}`), key }),
})

interface AnyPod {
  readonly containers?: readonly AnyContainer[]
  readonly initContainers?: readonly AnyContainer[]
  readonly volumes: readonly Record<string, unknown>[]
}

interface AnyContainer {
  readonly env: readonly unknown[]
  readonly envFrom: readonly unknown[]
  readonly volumeMounts: readonly { readonly name: string; readonly subPath?: string }[]
}

/**
 * By brute force: the container's files and variables are laid out with this key and without it; it consumes the key
 * when the two differ.
 */
export function consumes(workload: KubeObject, { object: changed, key: one }: Change): boolean {
  const { template } = workload['spec'] as { template: { spec: AnyPod } }
  const all = [...(template.spec.containers ?? []), ...(template.spec.initContainers ?? [])]
  const seen = (value: number): string =>
    JSON.stringify(all.map((container) => layout(container, template.spec, changed, one, value)))
  return seen(1) !== seen(2)
}

/** What a container sees of the changed key, with this value in it; everything else is the same anyhow. */
function layout(
  { env, envFrom, volumeMounts }: AnyContainer,
  pod: AnyPod,
  changed: string,
  key: string,
  value: number,
): unknown {
  const content = (name: string): Record<string, number> =>
    Object.fromEntries(KEYS.map((one) => [one, name === changed && one === key ? value : 0]))
  const variables = env.map((variable) => {
    const { valueFrom } = variable as { valueFrom: Record<string, { name: string; key: string }> }
    const [how, ref] = Object.entries(valueFrom)[0] ?? []
    return ref === undefined ? 0 : content(`${how === 'configMapKeyRef' ? 'ConfigMap' : 'Secret'}/${ref.name}`)[ref.key]
  })
  const sets = envFrom.map((from) => {
    const [how, ref] = Object.entries(from as Record<string, { name: string }>)[0] ?? []
    return content(`${how === 'configMapRef' ? 'ConfigMap' : 'Secret'}/${ref?.name ?? ''}`)
  })
  const files = volumeMounts.map(({ name, subPath: path }) => mountedFiles(filesOf(pod, name, content), path))
  return { variables, sets, files }
}

function filesOf(
  pod: AnyPod,
  volumeName: string,
  content: (name: string) => Record<string, number>,
): [string, number][] {
  const found = pod.volumes.find(({ name }) => name === volumeName) ?? {}
  const sources = (found['projected'] as { sources: Record<string, unknown>[] } | undefined)?.sources ?? [found]
  return sources.flatMap((source) => {
    const map = source['configMap'] as { name: string; items?: { key: string; path: string }[] } | undefined
    const secret = source['secret'] as
      { name?: string; secretName?: string; items?: { key: string; path: string }[] } | undefined
    const data = content(
      map === undefined ? `Secret/${secret?.secretName ?? secret?.name ?? ''}` : `ConfigMap/${map.name}`,
    )
    const listed = map?.items ?? secret?.items
    return listed === undefined
      ? Object.entries(data)
      : listed.map(({ key, path }): [string, number] => [path, data[key] ?? 0])
  })
}

/** The files of a volume below a path, as the kernel would show them: the path cleaned, a file or a folder. */
function mountedFiles(files: readonly [string, number][], path: string | undefined): unknown {
  const parts = (path ?? '').split('/').filter((part) => part !== '' && part !== '.')
  return files.filter(([file]) => parts.every((part, at) => file.split('/')[at] === part))
}
