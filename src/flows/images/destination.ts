import type { ClusterTarget, Image } from '../../domain/config/model.ts'
import { localCluster } from '../../domain/images/loaders.ts'
import { parseRepository } from '../../domain/images/reference.ts'
import type { ImagesPorts, ImageWork, LocalNodes } from './work.ts'

/** Where a built image goes: to registries, into the nodes of a local cluster, or nowhere: it stays on this machine. */
export type Destination =
  { readonly is: 'registry' } | { readonly is: 'nodes'; readonly nodes: LocalNodes['images'] } | { readonly is: 'here' }

export function destinationOf(image: Image, { nodes }: Pick<ImageWork, 'nodes'>): Destination {
  const pushed = isPushed(image)
  if (nodes !== undefined && (nodes.takesAll || !pushed)) return { is: 'nodes', nodes: nodes.images }
  return { is: pushed ? 'registry' : 'here' }
}

/** Does its repository name a registry? */
export function isPushed({ repository }: Pick<Image, 'repository'>): boolean {
  const parsed = parseRepository(repository ?? '')
  return !('problem' in parsed) && parsed.host !== undefined
}

/** Of an environment; undefined: its nodes take no images from this machine. */
export function nodesOf(
  cluster: ClusterTarget,
  context: string | undefined,
  { nodeImages }: Pick<ImagesPorts, 'nodeImages'>,
): LocalNodes | undefined {
  const local = localCluster(cluster, context)
  return local === undefined ? undefined : { images: nodeImages(local), takesAll: local.said }
}
