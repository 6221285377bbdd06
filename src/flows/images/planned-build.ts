import type { Image } from '../../domain/config/model.ts'
import { parentOf } from '../../domain/config/file-path.ts'
import { showLine } from '../../domain/config/position.ts'
import { gitAddress, isAddress, pinnedAddress } from '../../domain/images/address.ts'
import { contentTag, type ContextContent } from '../../domain/images/content.ts'
import { ignoreNothing, readIgnore, type Ignore } from '../../domain/images/ignore.ts'
import type { ImageBuild } from '../../domain/images/build.ts'
import { ForgeError } from '../../errors.ts'
import { forge, program } from '../../hint.ts'
import { SourceReader } from '../project/source-reader.ts'
import { register } from '../project/secrets.ts'
import { baseDigests, pinnedBases } from './base-digests.ts'
import { buildSpec, type BuildSpec } from './build-spec.ts'
import type { ImageWork } from './work.ts'

/** A build that is ready to begin, and the tag of what it makes. */
export interface PlannedBuild {
  /** `sha-…`: of all that decides the image. */
  readonly tag: string
  /** Reads the secrets: nothing else needs them. Throws E_IMAGE_BUILD. */
  readonly begin: () => Promise<ImageBuild>
  /** Is what it can see still what the tag says? */
  readonly isSame: () => Promise<boolean>
}

/** Reads all that a build can see. Throws E_IMAGE_BUILD, E_IMAGE_COMPOSE, E_FILE_UNREADABLE. */
export async function plannedBuild(image: Image, work: ImageWork): Promise<PlannedBuild> {
  const reader = new SourceReader(work, work)
  const given = await buildSpec(image, reader, work)
  const spec = { ...given, ...(await pinned(given, image, work)) }
  const text = await textOf(spec, work)
  const bases = await baseDigests(image.name, text, spec, work)
  const { tag, ignoreFile } = await seen(spec, { text, bases }, image, work)
  return {
    tag,
    begin: async () => ({
      ...spec,
      bases: pinnedBases(bases),
      ...(ignoreFile === undefined ? {} : { ignoreFile }),
      secrets: await secretsOf(spec, image, reader, work),
      labels: await labelsOf(work),
    }),
    isSame: async () => {
      const again = { text: await textOf(spec, work), bases }
      return (await seen(spec, again, image, work)).tag === tag
    },
  }
}

/** Undefined: it is elsewhere, or missing. */
async function textOf({ context, dockerfile }: BuildSpec, { files }: ImageWork): Promise<string | undefined> {
  if ('text' in dockerfile) return dockerfile.text
  return isAddress(context) ? undefined : await files.read(dockerfile.path)
}

async function seen(
  spec: BuildSpec,
  { text, bases }: { readonly text: string | undefined; readonly bases: Readonly<Record<string, string>> },
  image: Image,
  work: ImageWork,
): Promise<{ readonly tag: string; readonly ignoreFile: string | undefined }> {
  const { dockerfile, target, platforms, args } = spec
  const isHere = !isAddress(spec.context)
  if (text === undefined && isHere) throw missing(image, 'path' in dockerfile ? dockerfile.path : '')
  const ignored = isHere ? await ignoreOf(spec, image, work) : undefined
  const contexts: Record<string, ContextContent> = {}
  for (const [name, at] of Object.entries(spec.contexts))
    contexts[name] = await contentOf(at, ignoreNothing, image, work)
  const tag = await contentTag({
    ...{ target, platforms, args, bases, contexts },
    dockerfile: text,
    dockerfilePath: text === undefined && 'path' in dockerfile ? dockerfile.path : undefined,
    secrets: spec.secrets.map(({ id }) => id),
    context: await contentOf(spec.context, ignored?.ignore ?? ignoreNothing, image, work),
  })
  return { tag, ignoreFile: ignored?.file }
}

/** What a builder fetches from a repository is what was counted: the commit, and not where a branch is by then. */
async function pinned(
  { context, contexts }: BuildSpec,
  image: Image,
  work: ImageWork,
): Promise<Pick<BuildSpec, 'context' | 'contexts'>> {
  const pinOne = async (at: string): Promise<string> => {
    // An image is what its reference says, like those that a Dockerfile begins from.
    if (!isAddress(at) || (at !== context && at.startsWith('docker-image://'))) return at
    const address = gitAddress(at)
    if (address === undefined) throw unknowable(image, at)
    const found = await work.contexts.commit(address, work.signal)
    if ('commit' in found) return pinnedAddress(address, found.commit)
    throw new ForgeError('E_IMAGE_BUILD', `image ${image.name}: the context ${at}: ${found.problem}`, {
      hint: program('git', 'ls-remote', address.url),
      where: showLine(image.at),
    })
  }
  const pairs = await Promise.all(Object.entries(contexts).map(async ([name, at]) => [name, await pinOne(at)] as const))
  return { context: await pinOne(context), contexts: Object.fromEntries(pairs) }
}

function unknowable({ name, at }: Image, context: string): ForgeError {
  const message = `image ${name}: the context ${context} is no git repository; what such an address holds nobody knows before it is built`
  return new ForgeError('E_IMAGE_BUILD', message, { hint: forge('explain', 'E_IMAGE_BUILD'), where: showLine(at) })
}

/** The one of the Dockerfile, else that of the context (https://docs.docker.com/build/concepts/context/#dockerignore-files). */
async function ignoreOf(
  { context, dockerfile }: BuildSpec,
  image: Image,
  { files }: ImageWork,
): Promise<{ readonly ignore: Ignore; readonly file: string } | undefined> {
  const own = 'path' in dockerfile ? [`${dockerfile.path}.dockerignore`] : []
  for (const file of [...own, `${context === '/' ? '' : context}/.dockerignore`]) {
    const text = await files.read(file)
    if (text === undefined) continue
    const ignore = readIgnore(text)
    if (typeof ignore === 'function') return { ignore, file }
    const message = `image ${image.name}: ${ignore.message}`
    throw new ForgeError('E_IMAGE_BUILD', message, {
      hint: forge('explain', 'E_IMAGE_BUILD'),
      where: `${file}:${ignore.line}`,
    })
  }
  return undefined
}

async function contentOf(at: string, ignore: Ignore, image: Image, work: ImageWork): Promise<ContextContent> {
  if (isAddress(at)) return at
  if (await work.contexts.isFolder(at)) return await work.contexts.files(at, ignore, work.signal)
  throw missing(image, `${at}/`)
}

function missing({ name, at }: Image, path: string): ForgeError {
  const message = `image ${name}: there is no ${path.endsWith('/') ? `folder ${path.slice(0, -1)}` : path}`
  const folder = path.endsWith('/') ? parentOf(path.slice(0, -1)) : parentOf(path)
  return new ForgeError('E_IMAGE_BUILD', message, { hint: program('ls', folder), where: showLine(at) })
}

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md: of the first build of these sources. */
async function labelsOf({ contexts, dir, signal }: ImageWork): Promise<Record<string, string>> {
  const { commit, address } = await contexts.origin(dir, signal)
  return {
    ...(commit === undefined ? {} : { 'org.opencontainers.image.revision': commit }),
    ...(address === undefined ? {} : { 'org.opencontainers.image.source': address }),
  }
}

async function secretsOf(
  { secrets }: BuildSpec,
  { name }: Image,
  reader: SourceReader,
  { redactor }: ImageWork,
): Promise<Record<string, Uint8Array>> {
  const read: Record<string, Uint8Array> = {}
  for (const { id, source } of secrets) {
    const reading = await reader.read(source)
    if (reading.kind === 'found') {
      register(reading.bytes, redactor)
      read[id] = reading.bytes
      continue
    }
    throw new ForgeError('E_IMAGE_BUILD', `image ${name}: ${reading.what} (secret ${id} of its build)`, {
      hint: forge('explain', 'E_IMAGE_BUILD'),
      where: showLine(source.at),
    })
  }
  return read
}
