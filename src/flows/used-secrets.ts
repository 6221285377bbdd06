import type { Project } from '../domain/config/model.ts'
import { parseManifest } from '../domain/manifest/parse.ts'
import { ForgeError } from '../errors.ts'
import { imagesToBe, renderProject, type RenderPorts } from './render.ts'
import { resolveConfiguration } from './project/configuration.ts'

/**
 * Tells whether anything that the charts render names a secret: pods, and whatever else takes one by its name (an
 * Ingress, a service account, an operator's resource). Where that cannot be known (no releases, or they do not render),
 * every secret counts as used.
 */
export async function usedSecrets(
  project: Project,
  ports: RenderPorts,
  images: Readonly<Record<string, string>> = imagesToBe(project),
): Promise<(secret: string) => boolean> {
  if (project.releases.length === 0) return () => true
  try {
    const configuration = await resolveConfiguration(project, ports, { images })
    const rendered = await renderProject(project, configuration, ports)
    const texts = new Set<unknown>()
    for (const { manifest } of rendered)
      for (const { object } of parseManifest(manifest, '', () => false)) gatherTexts(object, texts)
    return (secret) => texts.has(secret)
  } catch (error) {
    // The deploy's own steps tell what is wrong with it.
    if (!(error instanceof ForgeError)) throw error
    return () => true
  }
}

function gatherTexts(value: unknown, texts: Set<unknown>): void {
  if (typeof value === 'string') texts.add(value)
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) gatherTexts(inner, texts)
}
