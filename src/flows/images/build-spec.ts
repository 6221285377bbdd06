import { parse as parseDotenv } from 'dotenv'
import { absolutePath, isAbsolute, parentOf } from '../../domain/config/file-path.ts'
import type { Image } from '../../domain/config/model.ts'
import { showLine } from '../../domain/config/position.ts'
import { isAddress } from '../../domain/images/address.ts'
import type { ImageBuild } from '../../domain/images/build.ts'
import { readComposeBuild } from '../../domain/images/compose.ts'
import { describeSource, type Source } from '../../domain/sources/sources.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { SourceReader } from '../project/source-reader.ts'
import type { ImageWork } from './work.ts'

/** A build with its paths absolute and its arguments read; its secrets are not asked for before something is built. */
export interface BuildSpec extends Omit<ImageBuild, 'secrets' | 'labels' | 'ignoreFile' | 'bases'> {
  readonly secrets: readonly { readonly id: string; readonly source: Source }[]
}

/** Throws E_IMAGE_COMPOSE, E_IMAGE_BUILD. */
export async function buildSpec(image: Image, reader: SourceReader, work: ImageWork): Promise<BuildSpec> {
  const { from } = image
  switch (from.kind) {
    case 'ref':
      throw new Error(`image ${image.name} is not built here`)
    case 'compose':
      return await composeSpec(image, from, work)
    case 'build': {
      const { target, secrets, platforms, ssh, cacheFrom, cacheTo } = from
      return {
        ...contextOf(from, work.dir),
        ...(target === undefined ? {} : { target }),
        platforms: platforms.length > 0 ? platforms : [work.platform],
        args: await argumentsOf(image, from.args, reader),
        contexts: {},
        ...{ secrets, ssh, cacheFrom, cacheTo },
      }
    }
  }
}

/** Paths are seen from `dir`, that of a Dockerfile from the context. */
function contextOf(
  { context, dockerfile }: { context: string; dockerfile: string },
  dir: string,
): Pick<BuildSpec, 'context' | 'dockerfile'> {
  if (isAddress(context)) return { context, dockerfile: { path: dockerfile } }
  const folder = absolutePath(dir, context)
  return { context: folder, dockerfile: { path: absolutePath(folder, dockerfile) } }
}

async function argumentsOf(
  { name: image }: Image,
  args: readonly { readonly name: string; readonly source: Source }[],
  reader: SourceReader,
): Promise<Record<string, string>> {
  const read: Record<string, string> = {}
  for (const { name, source } of args) {
    const reading = await reader.read(source)
    const problem =
      reading.kind === 'found' ? (reading.text === undefined ? 'it is not text' : undefined) : reading.what
    if (problem !== undefined) {
      const shown = describeSource(source, (file) => reader.shown(file))
      throw new ForgeError('E_IMAGE_BUILD', `image ${image}: the build argument ${name} (${shown}): ${problem}`, {
        hint: forge('explain', 'E_IMAGE_BUILD'),
        where: showLine(source.at),
      })
    }
    if (reading.kind === 'found') read[name] = reading.text ?? ''
  }
  return read
}

async function composeSpec(
  { name }: Image,
  { file, service }: { readonly file: string; readonly service: string },
  { files, sources, dir, warnings, platform }: ImageWork,
): Promise<BuildSpec> {
  const path = absolutePath(dir, file)
  const text = await files.read(path)
  if (text === undefined) {
    const hint = forge('validate')
    throw new ForgeError('E_IMAGE_COMPOSE', `image ${name}: there is no ${file}`, { hint, where: file })
  }
  // Compose reads the `.env` beside its file; what the shell sets wins.
  const beside = parseDotenv((await files.read(`${parentOf(path)}/.env`)) ?? '')
  const found = readComposeBuild(text, file, service, (variable) => sources.env(variable) ?? beside[variable])
  warnings.push(...found.notes.map((note) => `image ${name}: ${note}`))
  const { inline, target, platforms, args, ssh, cacheFrom, cacheTo } = found
  const folder = parentOf(path)
  const place = contextOf(found, isAbsolute(found.context) ? '/' : folder)
  return {
    ...place,
    ...(inline === undefined ? {} : { dockerfile: { text: inline } }),
    ...(target === undefined ? {} : { target }),
    platforms: platforms.length > 0 ? platforms : [platform],
    contexts: mapped(found.contexts, (at) => (isAddress(at) ? at : absolutePath(folder, at))),
    secrets: found.secrets.map(({ id, source }) => ({
      id,
      source: source.kind === 'file' ? { ...source, file: absolutePath(folder, source.file) } : source,
    })),
    ...{ args, ssh, cacheFrom, cacheTo },
  }
}

function mapped(record: Readonly<Record<string, string>>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
