import { nameOf, refOf, type KindRef, type KubeObject } from '../../domain/kube.ts'
import { servedBy } from '../../domain/rehearsal/definitions.ts'
import { inRanks, keepsStatus } from '../../domain/rehearsal/kinds.ts'
import { statusLike, withManagers } from '../../domain/rehearsal/managers.ts'
import { ForgeError } from '../../errors.ts'
import { unlessItFails } from '../../expected.ts'
import { inParallel } from '../in-parallel.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { readExpectations } from '../prove/expectations.ts'
import { underWatch } from '../prove/under-watch.ts'
import type { MadeSandbox } from './ports.ts'

/** Where copies are made, and what is to be told of it. */
export interface Site {
  readonly sandbox: MadeSandbox
  readonly told: string[]
  readonly ports: Pick<DeployPorts, 'clock' | 'signal'>
}

const WRITES_AT_ONCE = 16
const READY_MS = 60_000
/** A controller writes a status meanwhile: then the object is read and written once more. */
const TRIES = 8

export interface Wanted {
  readonly original: KubeObject
  readonly copy: KubeObject
}

/** In the order in which they need each other. */
export async function createAll(wanted: readonly Wanted[], site: Site): Promise<KubeObject[]> {
  const made: KubeObject[] = []
  for (const group of inRanks(wanted, ({ copy }) => copy)) {
    const created = await inParallel(group, WRITES_AT_ONCE, async (one) => await createOne(one, site))
    const there = created.flatMap((one) => one ?? [])
    made.push(...there)
    const definitions = there.filter(({ kind }) => kind === 'CustomResourceDefinition')
    if (definitions.length > 0) await follow(definitions, 'definitions', site)
    for (const kind of definitions.flatMap(servedBy)) await isServed(kind, site)
  }
  return made
}

/** What is served is known once something that was not there is asked for. */
async function isServed(kind: KindRef, { sandbox, ports }: Site): Promise<void> {
  await unlessItFails(sandbox.cluster.list(kind, {}, ports.signal), () => undefined)
}

/** Undefined: the sandbox does not take it, or had it. */
async function createOne({ original, copy }: Wanted, site: Site): Promise<KubeObject | undefined> {
  const { cluster } = site.sandbox
  const { signal } = site.ports
  try {
    const created = await cluster.create(copy, signal)
    if (created === undefined) return undefined
    const owned = await ownedAlike(created, original, site)
    if (!keepsStatus(original)) return owned
    const said = statusLike(original, owned)
    // Without such a subresource it is a field like others.
    const beside = await cluster.replace(said, signal, 'status')
    return beside ?? (await cluster.replace(said, signal)) ?? owned
  } catch (error) {
    if (!(error instanceof ForgeError) || !isRefusal(error)) throw error
    site.told.push(`${nameOf(copy)} is not there: ${error.message}`)
    return undefined
  }
}

/** Of the object itself, and not of the way to the sandbox: what admission forbids is E_FORBIDDEN. */
function isRefusal({ code }: ForgeError): boolean {
  return code.startsWith('E_API_') || code === 'E_KIND_UNKNOWN' || code === 'E_FORBIDDEN'
}

/** Who owns which field decides what conflicts. */
async function ownedAlike(
  created: KubeObject,
  original: KubeObject,
  { sandbox: { cluster }, told, ports: { signal } }: Site,
): Promise<KubeObject> {
  let now = created
  for (let tries = 0; tries < TRIES; tries += 1) {
    const wanted = withManagers(now, original)
    if (wanted === now) return now
    const written = await cluster.replace(wanted, signal)
    if (written !== undefined) return written
    const found = await cluster.get(refOf(now), signal)
    if (found === undefined) return now
    now = found
  }
  told.push(`who owns which field of ${nameOf(now)} is not as in the environment: it is written to all the time`)
  return now
}

/** Until each is ready; one that does not become so is told. They are of one namespace, or of none. */
export async function follow(
  objects: readonly KubeObject[],
  name: string,
  { sandbox: { cluster }, told, ports: { clock, signal } }: Site,
): Promise<void> {
  const [first] = objects
  if (first === undefined) return
  const namespace = first.metadata.namespace ?? 'default'
  const stages = [{ name, timeoutMs: READY_MS, targets: objects.map(refOf) }]
  const context = { cluster, project: { environment: { namespace } } }
  await underWatch(context, { clock }, stages, signal, async (follower) => {
    follower.released(await readExpectations(cluster, stages, namespace, signal))
    const end = await follower.stage(name, () => undefined)
    if (end.state === 'failed') told.push(`before the deploy, in the sandbox: ${end.failed.failure.message}`)
  })
}
