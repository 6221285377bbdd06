import type { Project } from '../../domain/config/model.ts'
import { dataOfSecret } from '../../domain/export/clear.ts'
import { nameOf, type KubeObject } from '../../domain/kube.ts'
import { readManifest } from '../../domain/manifest/parse.ts'
import { writeYaml } from '../../domain/manifest/write-yaml.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import { ForgeError } from '../../errors.ts'
import { again } from '../../hint.ts'
import { renderProject, splitObjects, type RenderPorts } from '../render.ts'

export interface RenderedFiles {
  readonly files: ReadonlyMap<string, string>
  readonly objects: readonly KubeObject[]
}

/**
 * The manifests of each release in a folder of its own, whose kustomization says the namespace of what names none. Throws
 * E_EXPORT for a Secret with values.
 */
export async function renderedFiles(
  project: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  ports: RenderPorts,
): Promise<RenderedFiles> {
  const files = new Map<string, string>()
  const objects: KubeObject[] = []
  for (const { release, manifest } of await renderProject(project, configuration, ports)) {
    const { namespace = '' } = project.releases.find(({ name }) => name === release) ?? {}
    const own: string[] = []
    for (const [path, text] of splitObjects(release, manifest)) {
      const [object] = readManifest(text, '', () => true).rendered.map((one) => one.object)
      if (object === undefined) continue
      refuseClear(object, release)
      objects.push(object)
      // What says another namespace keeps it: it is beside the folder that has one for all.
      const isAway = object.metadata.namespace !== undefined && ![namespace, ''].includes(object.metadata.namespace)
      const place = isAway ? path.replace(/^[^/]+\//u, `${release}-elsewhere/`) : path
      files.set(place, text)
      if (!isAway) own.push(path.slice(release.length + 1))
    }
    const apiVersion = 'kustomize.config.k8s.io/v1beta1'
    files.set(
      `${release}/kustomization.yaml`,
      writeYaml({ apiVersion, kind: 'Kustomization', namespace, resources: own.toSorted() }),
    )
  }
  return { files, objects }
}

function refuseClear(object: KubeObject, release: string): void {
  if (!dataOfSecret(object)) return
  throw new ForgeError(
    'E_EXPORT',
    `the chart of release ${release} renders ${nameOf(object)} with its values, which would stand in the export in the clear`,
    {
      hint: again('--to', 'flux'),
      where: nameOf(object),
    },
  )
}
