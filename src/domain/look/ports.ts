import type { KubeObject } from '../kube.ts'
import { podSpecOf } from '../readiness/shapes.ts'
import { list, record } from './shape.ts'

/** A port by which a component may be reached. */
export interface DoorPort {
  readonly number: number
  readonly name: string | undefined
  /** `Service/app`; undefined: a container declares it. */
  readonly service: string | undefined
  /** What it says of its protocol, if anything. */
  readonly speaks: string | undefined
  /** Of the pod: a number, or a name that each pod gives a number. */
  readonly target: number | string
}

/** What may be asked for, the component's Services first; what containers declare counts where there is none. */
export function doorsOf(services: readonly KubeObject[], pods: readonly KubeObject[]): DoorPort[] {
  const own = services.filter((service) => pods.some((pod) => selects(service, pod)))
  const served = own.flatMap((service) =>
    portsOf(record(service['spec'])['ports']).map(({ port, name, targetPort, appProtocol }) => ({
      number: port,
      name,
      service: `Service/${service.metadata.name}`,
      speaks: appProtocol ?? name,
      target: targetPort ?? port,
    })),
  )
  if (served.length > 0) return distinct(served)
  const declared = pods.flatMap((pod) =>
    (podSpecOf(pod).containers ?? []).flatMap((container) =>
      portsOf(record(container)['ports']).map(({ containerPort, name }) => ({
        number: containerPort,
        name,
        service: undefined,
        speaks: name,
        target: containerPort,
      })),
    ),
  )
  return distinct(declared)
}

function distinct(doors: readonly DoorPort[]): DoorPort[] {
  return [...new Map(doors.map((door) => [`${door.number} ${door.target}`, door])).values()]
}

/** By number, by name, or without either the only one, or the one that is called http. */
export function chooseDoor(doors: readonly DoorPort[], wanted: string | undefined): DoorPort | undefined {
  if (wanted === undefined) return doors.length === 1 ? doors[0] : doors.find(({ name }) => name === 'http')
  const number = Number(wanted)
  if (!/^\d+$/u.test(wanted)) return doors.find(({ name }) => name === wanted)
  const known = doors.find((one) => one.number === number) ?? doors.find(({ target }) => target === number)
  if (known !== undefined || number < 1 || number > 65_535) return known
  // A program may listen where nobody has said so.
  return { number, name: undefined, service: undefined, speaks: undefined, target: number }
}

/** The number of the port in this pod. Undefined: none of its containers calls one so. */
export function portIn(pod: KubeObject, { target }: Pick<DoorPort, 'target'>): number | undefined {
  if (typeof target === 'number') return target
  const all = (podSpecOf(pod).containers ?? []).flatMap((container) => portsOf(record(container)['ports']))
  return all.find(({ name }) => name === target)?.containerPort
}

/** Ports of programs that no browser speaks to. */
const OTHERS = new Set([1433, 3306, 5432, 5672, 6379, 7233, 9042, 9092, 11_211, 27_017])

/** What to open, or only where it listens. */
export function addressOf({ number, speaks = '' }: DoorPort, localPort: number): string {
  const place = `127.0.0.1:${localPort}`
  if (/https/u.test(speaks) || number === 443 || number === 8443) return `https://${place}`
  return OTHERS.has(number) || /sql|postgres|redis|mongo|amqp|kafka|grpc|tcp/u.test(speaks) ? place : `http://${place}`
}

/** `http (8080)`, `5432` */
export function doorText({ number, name }: DoorPort): string {
  return name === undefined ? String(number) : `${name} (${number})`
}

function selects(service: KubeObject, { metadata }: KubeObject): boolean {
  const selector = Object.entries(record(record(service['spec'])['selector']))
  return selector.length > 0 && selector.every(([key, value]) => metadata.labels?.[key] === value)
}

interface Port {
  readonly port: number
  readonly containerPort: number
  readonly name: string | undefined
  readonly targetPort: number | string | undefined
  readonly appProtocol: string | undefined
}

/** UDP cannot be forwarded. */
function portsOf(value: unknown): Port[] {
  const text = (one: unknown): string | undefined => (typeof one === 'string' ? one : undefined)
  const number = (one: unknown): number | undefined => (typeof one === 'number' ? one : undefined)
  return list(value).flatMap((one) => {
    const { port, containerPort, name, targetPort, appProtocol, protocol } = record(one)
    const known = number(port) ?? number(containerPort)
    if (known === undefined || (protocol ?? 'TCP') !== 'TCP') return []
    const target = number(targetPort) ?? text(targetPort)
    return [{ port: known, containerPort: known, name: text(name), targetPort: target, appProtocol: text(appProtocol) }]
  })
}
