import type { GivenImage } from '../../domain/config/given-images.ts'
import type { Image } from '../../domain/config/model.ts'
import { loadProject, promotesOf, type LoadRequest } from '../project/load.ts'
import type { ProjectPorts } from '../project/ports.ts'

export interface Promotion {
  /** The environment that has proven the images. */
  readonly from: string
  /** `--from`, `environments.prod.promotes`: what says so. */
  readonly by: string
}

/**
 * The environment whose images forge.yaml promotes to the one that is deployed to; undefined where it says none, or where this run
 * builds none of them (`named`: those that `--image` gives). Reads files only.
 */
export async function promotionOf(
  load: LoadRequest,
  named: readonly GivenImage[],
  ports: ProjectPorts,
): Promise<Promotion | undefined> {
  const said = await promotesOf(ports, load)
  if (said === undefined) return undefined
  const { images } = await loadProject(ports, load)
  if (builtOf(images).every((image) => named.some((one) => one.name === image.name))) return undefined
  return { from: said.promotes, by: `environments.${said.environment}.promotes` }
}

/** Those that forge builds, and that go somewhere. */
export function builtOf(images: readonly Image[]): Image[] {
  return images.filter(({ from: { kind }, to }) => kind !== 'ref' && to.length > 0)
}
