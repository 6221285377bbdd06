import type { Image } from '../../domain/config/model.ts'
import { showLine } from '../../domain/config/position.ts'
import { showValuePath } from '../../domain/config/value-path.ts'
import { floats, parseReference, parseRepository, referenceAt } from '../../domain/images/reference.ts'
import { imagesSummary, type PreparedImage } from '../../domain/images/summary.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Registries } from '../../ports.ts'
import { make, runningRef } from './make.ts'
import { plannedBuild, type PlannedBuild } from './planned-build.ts'
import { sideBySide } from './side-by-side.ts'
import { whyNot, type ImagesPorts, type ImagesRequest, type ImageWork } from './work.ts'

/** Builders share out a machine's processors themselves; more at once only make each slower. */
export const AT_ONCE = 4

export interface PreparedImages {
  /** By image name; an image that is not in it keeps the chart's default. */
  readonly refs: ReadonlyMap<string, string>
  readonly summary: string
  readonly warnings: readonly string[]
}

type Work = ImagesRequest & ImageWork

/**
 * Step 2: makes sure that there is a reference for every image of forge.yaml. Everything that can be wrong in the file is
 * found before anything is built; then images are built side by side. The first that fails ends them all, and no older image takes its place.
 */
export async function prepareImages(request: ImagesRequest, ports: ImagesPorts): Promise<PreparedImages> {
  const { images } = request
  const work: Work = { ...request, ...ports, warnings: [] }
  images.forEach(checkImage)
  const plans = await plannedBuilds(
    images.filter((image) => isBuilt(image, request)),
    work,
  )
  const prepared = await sideBySide(
    images,
    AT_ONCE,
    ports.signal,
    async (image, signal) => await prepare(image, plans.get(image.name), { ...work, signal }),
  )
  return {
    refs: new Map(prepared.flatMap(({ name, ref }) => (ref === undefined ? [] : [[name, ref] as const]))),
    summary: imagesSummary(prepared),
    warnings: work.warnings,
  }
}

/** By the name of the image. */
export async function plannedBuilds(
  images: readonly Image[],
  work: ImageWork,
): Promise<ReadonlyMap<string, PlannedBuild>> {
  const registries = rememberedLooks(work.registries)
  const plans = await sideBySide(
    images,
    AT_ONCE,
    work.signal,
    async (image, signal) => await plannedBuild(image, { ...work, registries, signal }),
  )
  return new Map(images.flatMap(({ name }, at) => (plans[at] === undefined ? [] : [[name, plans[at]] as const])))
}

/** Images often begin from the same: its registry is asked once. */
function rememberedLooks(registries: Registries): Registries {
  const answers = new Map<string, ReturnType<Registries['look']>>()
  return {
    pull: async (...asked) => await registries.pull(...asked),
    look: async (ref, signal) => {
      const answer = answers.get(ref) ?? registries.look(ref, signal)
      answers.set(ref, answer)
      return await answer
    },
  }
}

function isBuilt({ from }: Image, { target, skipBuild }: ImagesRequest): boolean {
  return from.kind !== 'ref' && target === 'cluster' && !skipBuild
}

async function prepare(image: Image, plan: PlannedBuild | undefined, work: Work): Promise<PreparedImage> {
  const { name, from } = image
  if (from.kind === 'ref') return await given(name, from, work)
  if (plan === undefined)
    return work.target === 'sandbox' ? { name, what: 'simulated' } : { name, ref: liveRef(image, work), what: 'kept' }
  const running = runningRef(image, plan, work)
  return running === undefined ? await make(image, plan, work) : { name, ref: running, what: 'unchanged' }
}

/** Throws E_IMAGE_REFERENCE. */
export function checkImage({ name, from, repository, also = [], at }: Image): void {
  const texts = [
    ...(from.kind === 'ref' ? [{ key: 'ref', text: from.ref, parsed: parseReference(from.ref) }] : []),
    ...(repository === undefined ? [] : [{ key: 'repository', text: repository, parsed: parseRepository(repository) }]),
    ...also.map((text) => ({ key: 'also', text, parsed: inRegistry(text) })),
  ]
  for (const { key, text, parsed } of texts) {
    if (!('problem' in parsed)) continue
    throw new ForgeError(
      'E_IMAGE_REFERENCE',
      `images.${name}.${key} "${text}" is not a valid image ${key === 'ref' ? 'reference' : 'repository'}: ${parsed.problem}`,
      {
        hint: forge('validate'),
        where: showLine(at),
      },
    )
  }
}

function inRegistry(text: string): ReturnType<typeof parseRepository> {
  const parsed = parseRepository(text)
  return 'problem' in parsed || parsed.host !== undefined ? parsed : { problem: 'it names no registry host' }
}

/** What floats is pinned to what its registry has now: else what runs could change without a deploy. */
async function given(name: string, { ref, by }: Given, work: Work): Promise<PreparedImage> {
  const prepared = { name, ref, what: 'given' as const, ...(by === undefined ? {} : { by }) }
  const parsed = parseReference(ref)
  if ('problem' in parsed || !floats(parsed)) return prepared
  const registered = work.target === 'cluster' ? await work.registries.look(ref, work.signal) : undefined
  if (registered?.is === 'there') return { ...prepared, ref: `${ref}@${registered.digest}` }
  const says = parsed.tag === undefined ? 'has no tag' : 'says latest'
  const why = registered === undefined ? '' : ` (not pinned: ${whyNot(registered)})`
  work.warnings.push(`image ${name}: ${ref} ${says}, so what runs can change without a deploy${why}`)
  return prepared
}

type Given = Extract<Image['from'], { kind: 'ref' }>

/** Nobody knows which image is meant when nothing runs yet: a stale guess would be deployed as if it were new. */
function liveRef({ name, to, at }: Image, { previousValues, environment, warnings }: Work): string {
  const refs = to.flatMap(({ release, path }) => referenceAt(previousValues.get(release), path) ?? [])
  const [first, ...others] = new Set(refs)
  if (first === undefined) {
    const places = to.map(({ release, path }) => `${release}:${showValuePath(path)}`).join(', ') || 'nowhere'
    throw new ForgeError(
      'E_IMAGE_UNKNOWN',
      `--skip-build keeps the image that runs, but no live release of ${environment} has image ${name} (${places})`,
      {
        hint: forge('deploy', '--env', environment),
        where: showLine(at),
      },
    )
  }
  if (others.length > 0)
    warnings.push(`image ${name}: ${first} is used everywhere, though ${others.join(', ')} runs too`)
  return first
}
