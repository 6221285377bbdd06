import type { Image } from '../../domain/config/model.ts'
import { showLine } from '../../domain/config/position.ts'
import { isPinnedTag, referenceAt } from '../../domain/images/reference.ts'
import type { PreparedImage } from '../../domain/images/summary.ts'
import { ForgeError } from '../../errors.ts'
import { again, program } from '../../hint.ts'
import type { NodeImages } from '../../ports.ts'
import { destinationOf } from './destination.ts'
import type { PlannedBuild } from './planned-build.ts'
import type { ImagesRequest, ImageWork } from './work.ts'

/**
 * What is where it goes, under the tag of these sources, is not built again; else it is built and brought there. What registries have is
 * deployed by its digest. Throws E_IMAGE_BUILD, E_IMAGE_PUSH, E_IMAGE_LOAD, E_IMAGE_BUILDER_MISSING.
 */
export async function make(image: Image, plan: PlannedBuild, work: ImageWork): Promise<PreparedImage> {
  const destination = destinationOf(image, work)
  switch (destination.is) {
    case 'registry':
      return await makePushed(image, plan, work)
    case 'nodes':
      return await makeLoaded(image, plan, destination.nodes, work)
    case 'here':
      return await makeHere(image, plan, work)
  }
}

async function makePushed(image: Image, plan: PlannedBuild, work: ImageWork): Promise<PreparedImage> {
  const { name, also = [] } = image
  const ref = taggedRef(image, plan)
  const before = await found(ref, work)
  const others = also.map((repository) => `${repository}:${plan.tag}`)
  const missing = await lacking(others, work)
  if (before !== undefined && missing.length === 0) return { name, ref: before, what: 'there' }
  return await located(image, async () => {
    const build = await begun(image, plan, ref, work, true)
    const send = async (to: string): Promise<string> => {
      work.progress(to === ref ? `pushing ${name}` : `pushing ${name} to ${to}`)
      const told = await work.builder.push(build, { ref, to }, (line) => work.onLine(line, name), work.signal)
      return await proven(to, told, work)
    }
    // Another runner may have pushed the same sources meanwhile: both then deploy what stays under the tag.
    const meanwhile = before ?? (await found(ref, work))
    const pinned = meanwhile ?? (await send(ref))
    for (const to of missing) await send(to)
    return { name, ref: pinned, what: meanwhile === undefined || missing.length > 0 ? 'pushed' : 'there' }
  })
}

async function lacking(refs: readonly string[], work: ImageWork): Promise<string[]> {
  const known = await Promise.all(refs.map(async (ref) => ({ ref, there: await found(ref, work) })))
  return known.flatMap(({ ref, there }) => (there === undefined ? [ref] : []))
}

async function makeLoaded(
  image: Image,
  plan: PlannedBuild,
  nodes: NodeImages,
  work: ImageWork,
): Promise<PreparedImage> {
  const { name } = image
  const ref = taggedRef(image, plan)
  return await located(image, async () => {
    if ((await nodes.lacking(ref, work.signal)).length === 0) return { name, ref, what: 'on-nodes' }
    const build = await begun(image, plan, ref, work)
    const load = async (file: string): Promise<void> => {
      work.progress(`loading ${name} into ${nodes.what}`)
      await nodes.load(file, (line) => work.onLine(line, name), work.signal)
    }
    await work.builder.save(build, ref, load, work.signal)
    const [node] = await nodes.lacking(ref, work.signal)
    if (node === undefined) return { name, ref, what: 'loaded' }
    const message = `node ${node} of ${nodes.what} does not have ${ref} after it was loaded`
    throw new ForgeError('E_IMAGE_LOAD', message, { hint: again() })
  })
}

/** `repository:sha-…`. */
export function taggedRef({ name, repository }: Image, { tag }: Pick<PlannedBuild, 'tag'>): string {
  return `${repository ?? name}:${tag}`
}

/** Builds it for this machine alone, whatever registries have. */
export async function makeHere(image: Image, plan: PlannedBuild, work: ImageWork): Promise<PreparedImage> {
  const { name, repository } = image
  const ref = taggedRef(image, plan)
  await located(image, async () => await begun(image, plan, ref, work))
  if (destinationOf(image, work).is === 'here')
    work.warnings.push(
      `image ${name}: not pushed, ${repository ?? 'its entry'} names no registry host; the nodes must have ${ref} already`,
    )
  return { name, ref, what: 'built' }
}

async function begun(
  { name }: Image,
  { begin, isSame }: PlannedBuild,
  ref: string,
  { builder, progress, onLine, signal }: ImageWork,
  passing = false,
): ReturnType<PlannedBuild['begin']> {
  progress(`building ${name}`)
  const build = await begin()
  await builder.build(build, ref, (line) => onLine(line, name), signal, passing)
  if (await isSame()) return build
  // Some of it may be in the image: nobody must find that under the tag of before.
  throw new ForgeError('E_IMAGE_BUILD', 'its sources were changed while it was built', { hint: again() })
}

/** Pinned, where the registry says that it has it. What it does not say is no reason to do without a build. */
export async function found(ref: string, { registries, signal }: ImageWork): Promise<string | undefined> {
  const registered = await registries.look(ref, signal)
  return registered.is === 'there' ? `${ref}@${registered.digest}` : undefined
}

/** A push that was cut off, or whose digest nobody tells, is none: a tag alone may be another image tomorrow. */
async function proven(ref: string, told: string | undefined, { registries, signal }: ImageWork): Promise<string> {
  const pinned = told === undefined ? ref : `${ref}@${told}`
  const registered = await registries.look(told === undefined ? ref : pinned, signal)
  if (registered.is === 'there') return `${ref}@${registered.digest}`
  if (told !== undefined && registered.is === 'unknown') return pinned
  const why = registered.is === 'absent' ? 'the registry does not have it afterwards' : registered.why
  throw new ForgeError('E_IMAGE_PUSH', `${ref} was pushed, but its digest is not known: ${why}`, {
    hint: program('docker', 'buildx', 'imagetools', 'inspect', ref),
  })
}

/** What a live release has of these very sources: pinned, or on the nodes alone, where no registry could have moved it. */
export function runningRef(
  image: Image,
  plan: PlannedBuild,
  { previousValues, nodes }: Pick<ImagesRequest, 'previousValues' | 'nodes'>,
): string | undefined {
  const tagged = taggedRef(image, plan)
  const { is } = destinationOf(image, { nodes })
  // Each node is asked, also one that came since.
  if (is === 'nodes') return undefined
  return image.to
    .map(({ release, path }) => referenceAt(previousValues.get(release), path))
    .find((ref) => ref !== undefined && (isPinnedTag(ref, tagged) || (ref === tagged && is === 'here')))
}

/** A failure of the builder, with the image that it was about. */
async function located<T>({ name, at }: Image, work: () => Promise<T>): Promise<T> {
  return await work().catch((error: unknown) => {
    if (!(error instanceof ForgeError) || !OF_BUILDER.has(error.code) || error.details.where !== undefined) throw error
    const { code, message, details } = error
    throw new ForgeError(code, `image ${name}: ${message}`, {
      chain: [`image ${name}`],
      where: showLine(at),
      ...details,
    })
  })
}

const OF_BUILDER = new Set<string>(['E_IMAGE_BUILD', 'E_IMAGE_PUSH', 'E_IMAGE_LOAD', 'E_IMAGE_BUILDER_MISSING'])
