import { found, isPushed, runningRef, taggedRef } from './make.ts'
import { AT_ONCE, checkImage, plannedBuilds } from './prepare.ts'
import { sideBySide } from './side-by-side.ts'
import type { ImagesPorts, ImagesRequest, ImageWork } from './work.ts'

/** What a deploy would do about an image that forge builds. */
export type Foreseen =
  /** The live release has these very sources. */
  | { readonly is: 'unchanged'; readonly ref: string }
  /** Its registry has them. */
  | { readonly is: 'there'; readonly ref: string }
  /** It would be built; its digest is not known before. */
  | { readonly is: 'built'; readonly tagged: string }

/** By image name. Nothing is built. Throws what is wrong with the sources, as a deploy would. */
export async function foreseeImages(
  { images, dir, previousValues }: Pick<ImagesRequest, 'images' | 'dir' | 'previousValues'>,
  ports: Omit<ImagesPorts, 'progress' | 'onLine'>,
): Promise<{ readonly images: ReadonlyMap<string, Foreseen>; readonly warnings: readonly string[] }> {
  const silent = { progress: () => undefined, onLine: () => undefined }
  const work: ImageWork = { ...ports, ...silent, dir, warnings: [] }
  images.forEach(checkImage)
  const plans = await plannedBuilds(images, work)
  const seen = await sideBySide([...plans], AT_ONCE, ports.signal, async ([name, plan], signal) => {
    const image = images.find((one) => one.name === name)
    if (image === undefined) throw new Error(`image ${name} was not asked for`)
    const tagged = taggedRef(image, plan)
    const running = runningRef(image, plan, previousValues)
    const there = running ?? (isPushed(image) ? await found(tagged, { ...work, signal }) : undefined)
    if (there === undefined) return [name, { is: 'built', tagged }] as const
    return [name, { is: running === undefined ? 'there' : 'unchanged', ref: there }] as const
  })
  return { images: new Map<string, Foreseen>(seen), warnings: work.warnings }
}
