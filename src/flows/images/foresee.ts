import type { Image } from '../../domain/config/model.ts'
import { destinationOf } from './destination.ts'
import { found, runningRef, taggedRef } from './make.ts'
import { AT_ONCE, checkImage, plannedBuilds } from './prepare.ts'
import { sideBySide } from './side-by-side.ts'
import type { ImagesPorts, ImagesRequest, ImageWork } from './work.ts'

/** What a deploy would do about an image that forge builds. */
export type Foreseen =
  /** The live release has these very sources. */
  | { readonly is: 'unchanged'; readonly ref: string }
  /** Where they go they are. */
  | { readonly is: 'there'; readonly in: 'registry' | 'nodes'; readonly ref: string }
  /** It would be built; its digest is not known before. */
  | { readonly is: 'built'; readonly tagged: string }

/** By image name. Nothing is built. Throws what is wrong with the sources, as a deploy would. */
export async function foreseeImages(
  { images, dir, previousValues, nodes }: Pick<ImagesRequest, 'images' | 'dir' | 'previousValues' | 'nodes'>,
  ports: Omit<ImagesPorts, 'progress' | 'onLine'>,
): Promise<{ readonly images: ReadonlyMap<string, Foreseen>; readonly warnings: readonly string[] }> {
  const silent = { progress: () => undefined, onLine: () => undefined }
  const work: ImageWork = { ...ports, ...silent, dir, nodes, warnings: [] }
  images.forEach(checkImage)
  const plans = await plannedBuilds(images, work)
  const seen = await sideBySide([...plans], AT_ONCE, ports.signal, async ([name, plan], signal) => {
    const image = images.find((one) => one.name === name)
    if (image === undefined) throw new Error(`image ${name} was not asked for`)
    const tagged = taggedRef(image, plan)
    const running = runningRef(image, plan, { previousValues, nodes })
    const there = running ?? (await thereAlready(image, tagged, { ...work, signal }))
    if (there === undefined) return [name, { is: 'built', tagged }] as const
    if (running !== undefined) return [name, { is: 'unchanged', ref: running }] as const
    const { is } = destinationOf(image, work)
    return [name, { is: 'there', in: is === 'nodes' ? 'nodes' : 'registry', ref: there }] as const
  })
  return { images: new Map<string, Foreseen>(seen), warnings: work.warnings }
}

async function thereAlready(image: Image, tagged: string, work: ImageWork): Promise<string | undefined> {
  const destination = destinationOf(image, work)
  switch (destination.is) {
    case 'registry':
      return await found(tagged, work)
    case 'nodes':
      return (await destination.nodes.lacking(tagged, work.signal)).length === 0 ? tagged : undefined
    case 'here':
      return undefined
  }
}
