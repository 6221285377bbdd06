import type { KubeObject } from '../kube.ts'
import type { PodMaker } from './pods.ts'

/** A Service of the render that a pod calls by its name. */
export interface Mention {
  readonly by: PodMaker
  readonly service: KubeObject
  /** Undefined: it does not say which. */
  readonly port: number | undefined
  /** Where it is named, never its text: it may hold a password. */
  readonly at: string
}

interface Container {
  readonly env?: readonly EnvVariable[]
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name?: string }; readonly prefix?: string }[]
  readonly args?: readonly string[]
  readonly command?: readonly string[]
}

interface EnvVariable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly configMapKeyRef?: { readonly name?: string; readonly key?: string } }
}

/** Environment and arguments of the pods, where they name a Service so that nothing else can be meant. */
export function mentionsOf(makers: readonly PodMaker[], objects: readonly KubeObject[], home: string): Mention[] {
  const services = objects.filter(({ kind }) => kind === 'Service')
  return makers.flatMap((by) => {
    const texts = textsOf(by, objects, home)
    return services.flatMap((service): Mention[] => {
      const names = namesOf(service, by.namespace, home)
      const found = texts.flatMap(({ at, text }) => portsNamed(at, text, names).map((port) => ({ at, port })))
      const ports = new Map(found.toReversed().map(({ at, port }) => [port, at]))
      // Who says a port somewhere says it for where only the name stands, too.
      return [...ports]
        .filter(([port]) => port !== undefined || ports.size === 1)
        .map(([port, at]) => ({ by, service, port, at }))
    })
  })
}

interface NamedText {
  readonly at: string
  readonly text: string
}

function textsOf({ spec, namespace }: PodMaker, objects: readonly KubeObject[], home: string): NamedText[] {
  const dataOf = (name: string | undefined): Readonly<Record<string, string>> => {
    const map = objects.find(
      (one) => one.kind === 'ConfigMap' && one.metadata.name === name && (one.metadata.namespace ?? home) === namespace,
    )
    return (map?.['data'] ?? {}) as Readonly<Record<string, string>>
  }
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])] as readonly Container[]
  return containers.flatMap(({ env = [], envFrom = [], args = [], command = [] }) => [
    ...envFrom.flatMap(({ configMapRef, prefix = '' }) =>
      Object.entries(dataOf(configMapRef?.name)).map(([key, value]) => ({
        at: `${prefix}${key}`,
        text: value,
      })),
    ),
    ...env.flatMap(({ name, value, valueFrom }) => {
      const { name: map, key = '' } = valueFrom?.configMapKeyRef ?? {}
      const text = value ?? dataOf(map)[key]
      return text === undefined ? [] : [{ at: name, text }]
    }),
    ...[...command, ...args].map((text) => ({ at: 'its arguments', text })),
  ])
}

interface Names {
  /** `db`: also a word like any other. */
  readonly short: string | undefined
  /** `db.shop.svc`: nothing else is called so. */
  readonly long: readonly string[]
}

function namesOf({ metadata: { name, namespace } }: KubeObject, from: string, home: string): Names {
  const own = namespace ?? home
  const long = [`${name}.${own}.svc.cluster.local`, `${name}.${own}.svc`]
  return own === from
    ? { short: name, long: [...long, `${name}.${own}`] }
    : { short: undefined, long: [...long, `${name}.${own}`] }
}

/** Ports at which a text names the Service: `undefined` for a name alone, which must be in the place of a host. */
function portsNamed(at: string, text: string, { short, long }: Names): (number | undefined)[] {
  const all = [...long, ...(short === undefined ? [] : [short])]
  for (const name of all) {
    const escaped = name.replaceAll('.', String.raw`\.`)
    const withPort = [...text.matchAll(new RegExp(String.raw`(?<![\w.-])${escaped}\.?:(\d{2,5})(?!\d)`, 'gu'))]
    if (withPort.length > 0) return withPort.map(([, port]) => Number(port))
    const isHost = /(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS|ENDPOINT)$/iu.test(at) && text.trim() === name
    const isUrl = new RegExp(String.raw`://(?:[^/\s@]*@)?${escaped}(?=[/?\s]|$)`, 'u').test(text)
    if (isHost || isUrl) return [undefined]
  }
  return []
}
