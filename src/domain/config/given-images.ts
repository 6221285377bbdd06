import { ForgeError } from '../../errors.ts'
import { again, forge } from '../../hint.ts'
import { parseReference } from '../images/reference.ts'
import type { Project } from './model.ts'
import { suggestion } from './nearest.ts'

/** An image that is not the one of forge.yaml: `--image NAME=REF`, or what the environment of `--from` runs. */
export interface GivenImage {
  readonly name: string
  readonly ref: string
  /** The flag that says so: `--image`, `--from staging`. */
  readonly by: string
}

const FLAG = '--image'

/** Throws E_USAGE, E_IMAGE_REFERENCE. */
export function readGivenImages(texts: readonly string[]): GivenImage[] {
  const given = texts.map(readOne)
  const twice = given.find(({ name }, at) => given.findIndex((one) => one.name === name) !== at)
  if (twice !== undefined) throw usage(`${FLAG} names ${twice.name} twice`)
  return given
}

function readOne(text: string): GivenImage {
  const [, name, ref] = /^([^=]+)=(.+)$/su.exec(text) ?? []
  if (name === undefined || ref === undefined) throw usage(`${FLAG} "${text}" is not NAME=REFERENCE`)
  const parsed = parseReference(ref)
  if (!('problem' in parsed)) return { name, ref, by: FLAG }
  const message = `${FLAG} ${name}: "${ref}" is not a valid image reference: ${parsed.problem}`
  throw new ForgeError('E_IMAGE_REFERENCE', message, { hint: forge('images', 'list'), where: FLAG })
}

/** The project with these in place of what forge.yaml says of them: none of them is built. Throws E_USAGE for a name that is unknown. */
export function withGivenImages(project: Project, given: readonly GivenImage[]): Project {
  if (given.length === 0) return project
  const known = project.images.map(({ name }) => name)
  const unknown = given.find(({ name }) => !known.includes(name))
  if (unknown !== undefined) {
    const { name, by } = unknown
    throw usage(`forge.yaml has no image "${name}"${suggestion(name, known)}`, by)
  }
  const byName = new Map(given.map((one) => [one.name, one]))
  return {
    ...project,
    images: project.images.map((image) => {
      const own = byName.get(image.name)
      return own === undefined ? image : { ...image, from: { kind: 'ref', ref: own.ref, by: own.by } }
    }),
  }
}

/** Throws E_USAGE for one that would go nowhere: no release that was chosen takes it. */
export function requireTaken({ images }: Pick<Project, 'images'>, given: readonly GivenImage[]): void {
  for (const { name, by } of given) {
    const image = images.find((one) => one.name === name)
    if (image === undefined) throw usage(`no release of this run takes image ${name}`, by)
    if (image.to.length === 0) throw usage(`image ${name} goes to no chart value: it has no "to" in forge.yaml`, by)
  }
}

function usage(message: string, where = FLAG): ForgeError {
  const hint = where === FLAG ? forge('images', 'list') : again('--help')
  return new ForgeError('E_USAGE', message, { hint, where })
}
