import { nameOf, type KubeObject } from '../kube.ts'
import { imagesOf } from '../manifest/images.ts'
import { parseReference } from './reference.ts'

export interface BadImage {
  readonly image: string
  readonly by: string
  readonly problem: string
}

/** Images that no node would take for a reference (kubelet: InvalidImageName); an empty one the API server refuses itself. */
export function badImages(objects: readonly KubeObject[]): BadImage[] {
  return objects.flatMap((object) =>
    imagesOf(object).flatMap((image) => {
      const parsed = parseReference(image.trim())
      return image !== '' && 'problem' in parsed ? [{ image, by: nameOf(object), problem: parsed.problem }] : []
    }),
  )
}
