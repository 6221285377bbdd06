import { parse as parseDotenv } from 'dotenv'
import { absolutePath, isAbsolute, parentOf } from '../domain/config/file-path.ts'
import type { Image } from '../domain/config/model.ts'
import { showLine } from '../domain/config/position.ts'
import { showValuePath } from '../domain/config/value-path.ts'
import { readComposeBuild } from '../domain/images/compose.ts'
import {
  contentTag,
  floats,
  isSameImage,
  parseReference,
  parseRepository,
  referenceAt,
} from '../domain/images/reference.ts'
import { imagesSummary, type PreparedImage } from '../domain/images/summary.ts'
import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import type { Builder, Files, ImageBuild, Sources } from '../ports.ts'

export interface ImagesRequest {
  readonly images: readonly Image[]
  readonly environment: string
  /** The project's folder, absolute. */
  readonly dir: string
  readonly target: 'sandbox' | 'cluster'
  readonly skipBuild: boolean
  /** What the live releases were deployed with (`ReleaseRecord.config`), by release. */
  readonly previousValues: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

export interface ImagesPorts {
  readonly builder: Builder
  readonly files: Pick<Files, 'read' | 'exists'>
  readonly sources: Pick<Sources, 'env'>
  /** What is being done: `building app`. */
  readonly progress: (text: string) => void
  /** The builder's output. */
  readonly onLine: (line: string, image: string) => void
}

export interface PreparedImages {
  /** By image name; an image that is not in it keeps the chart's default. */
  readonly refs: ReadonlyMap<string, string>
  readonly summary: string
  readonly warnings: readonly string[]
}

type Work = ImagesRequest & ImagesPorts & { readonly signal: AbortSignal; readonly warnings: string[] }

/**
 * Step 2: makes sure that there is a reference for every image of forge.yaml. Everything that can be wrong in the file is
 * found before anything is built; the first build that fails ends it, and no older image takes its place.
 */
export async function prepareImages(
  request: ImagesRequest,
  ports: ImagesPorts,
  signal: AbortSignal,
): Promise<PreparedImages> {
  const { images } = request
  const work: Work = { ...request, ...ports, signal, warnings: [] }
  images.forEach(checkImage)
  const builds = new Map<string, ImageBuild>()
  for (const image of images) if (isBuilt(image, request)) builds.set(image.name, await buildOf(image, work))
  const prepared: PreparedImage[] = []
  for (const image of images) prepared.push(await prepare(image, builds.get(image.name), work))
  return {
    refs: new Map(prepared.flatMap(({ name, ref }) => (ref === undefined ? [] : [[name, ref] as const]))),
    summary: imagesSummary(prepared),
    warnings: work.warnings,
  }
}

function isBuilt({ from }: Image, { target, skipBuild }: ImagesRequest): boolean {
  return from.kind !== 'ref' && target === 'cluster' && !skipBuild
}

async function prepare(image: Image, build: ImageBuild | undefined, work: Work): Promise<PreparedImage> {
  const { name, from } = image
  if (from.kind === 'ref') return given(name, from.ref, work)
  if (build !== undefined) return await buildOne(image, build, work)
  return work.target === 'sandbox' ? { name, what: 'simulated' } : { name, ref: liveRef(image, work), what: 'kept' }
}

function checkImage({ name, from, repository, at }: Image): void {
  const texts = [
    ...(from.kind === 'ref' ? [{ key: 'ref', text: from.ref, parsed: parseReference(from.ref) }] : []),
    ...(repository === undefined ? [] : [{ key: 'repository', text: repository, parsed: parseRepository(repository) }]),
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

function given(name: string, ref: string, { warnings }: Work): PreparedImage {
  const parsed = parseReference(ref)
  if (!('problem' in parsed) && floats(parsed)) {
    warnings.push(
      `image ${name}: ${ref} ${parsed.tag === undefined ? 'has no tag' : 'says latest'}, so what runs can change without a deploy`,
    )
  }
  return { name, ref, what: 'given' }
}

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

async function buildOf(image: Image, work: Work): Promise<ImageBuild> {
  const { from, name, at } = image
  if (from.kind === 'ref') throw new Error(`image ${name} is not built here`)
  const build = from.kind === 'compose' ? await composeBuild(name, from, work) : plainBuild(from, work.dir)
  if (isUrl(build.context) || (await work.files.exists(build.dockerfile))) return build
  throw new ForgeError('E_IMAGE_BUILD', `image ${name}: there is no ${build.dockerfile}`, {
    hint: forge('validate'),
    where: showLine(at),
  })
}

function plainBuild({ context, dockerfile }: { context: string; dockerfile: string }, dir: string): ImageBuild {
  const folder = isUrl(context) ? context : absolutePath(dir, context)
  return { context: folder, dockerfile: isUrl(context) ? dockerfile : absolutePath(folder, dockerfile), args: {} }
}

async function composeBuild(
  name: string,
  { file, service }: { file: string; service: string },
  work: Work,
): Promise<ImageBuild> {
  const { files, sources, dir, warnings } = work
  const path = absolutePath(dir, file)
  const text = await files.read(path)
  if (text === undefined) {
    throw new ForgeError('E_IMAGE_COMPOSE', `image ${name}: there is no ${file}`, {
      hint: forge('validate'),
      where: file,
    })
  }
  // Compose reads the `.env` beside its file; what the shell sets wins.
  const beside = parseDotenv((await files.read(`${parentOf(path)}/.env`)) ?? '')
  const found = readComposeBuild(text, file, service, (variable) => sources.env(variable) ?? beside[variable])
  warnings.push(...found.notes.map((note) => `image ${name}: ${note}`))
  const { target, platform, args } = found
  return {
    ...plainBuild(found, isAbsolute(found.context) ? '/' : parentOf(path)),
    args,
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
  }
}

function isUrl(context: string): boolean {
  return /^(?:[a-z+]+:\/\/|git@)/u.test(context)
}

async function buildOne(image: Image, build: ImageBuild, work: Work): Promise<PreparedImage> {
  const { name, repository, to } = image
  const { builder, signal, progress, onLine, warnings, previousValues } = work
  const line = (text: string): void => onLine(text, name)
  try {
    progress(`building ${name}`)
    const id = await builder.build(build, line, signal)
    const tagged = contentTag(repository ?? name, id)
    await builder.tag(id, tagged, signal)
    const running = to
      .map(({ release, path }) => referenceAt(previousValues.get(release), path))
      .find((ref) => ref !== undefined && isSameImage(ref, tagged))
    if (running !== undefined) return { name, ref: running, what: 'unchanged' }
    if (!isPushed(repository)) {
      warnings.push(
        `image ${name}: not pushed, ${repository ?? 'its entry'} names no registry host; the nodes must have ${tagged} already`,
      )
      return { name, ref: tagged, what: 'built' }
    }
    progress(`pushing ${name}`)
    const digest = await builder.push(tagged, line, signal)
    if (digest === undefined)
      warnings.push(`image ${name}: the registry's digest is not known, ${tagged} is not pinned`)
    return { name, ref: digest === undefined ? tagged : `${tagged}@${digest}`, what: 'pushed' }
  } catch (error) {
    throw located(error, image)
  }
}

function isPushed(repository: string | undefined): boolean {
  const parsed = parseRepository(repository ?? '')
  return !('problem' in parsed) && parsed.host !== undefined
}

/** A failure of the builder, with the image that it was about. */
function located(error: unknown, { name, at }: Image): unknown {
  if (
    !(error instanceof ForgeError) ||
    !['E_IMAGE_BUILD', 'E_IMAGE_PUSH', 'E_IMAGE_BUILDER_MISSING'].includes(error.code)
  )
    return error
  return new ForgeError(error.code, `image ${name}: ${error.message}`, {
    chain: [`image ${name}`],
    where: showLine(at),
    ...error.details,
  })
}
