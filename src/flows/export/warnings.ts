import type { Project, Release } from '../../domain/config/model.ts'
import { nameOf, type KubeObject } from '../../domain/kube.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import type { RenderPorts } from '../render.ts'

/** helm runs hooks; whoever applies manifests makes objects of them. */
export function hooksIn(objects: readonly KubeObject[]): string[] {
  return objects.flatMap((object) =>
    object.metadata.annotations?.['helm.sh/hook'] === undefined
      ? []
      : [`${nameOf(object)} is a hook of helm: applied as a manifest it is an object like any other, made once`],
  )
}

/** A controller waits for its own releases, and not for what is applied beside them. */
export function unwaitedFor(releases: readonly Release[], plain: readonly Release[]): string[] {
  const names = plain.map(({ name }) => name)
  return releases.flatMap(({ name, needs }) =>
    needs
      .filter((needed) => names.includes(needed))
      .map((needed) => `release ${name} needs ${needed}, which is plain objects: nothing waits for those there`),
  )
}

/** In a file every number is a float for a chart; forge gives whole ones of `set` as such. Renders both ways. */
export async function wholeNumberWarnings(
  { releases }: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  { charts, signal }: RenderPorts,
): Promise<string[]> {
  const found = await Promise.all(
    releases.map(async ({ name: release, namespace, chart }) => {
      const { values = {}, wholeNumbers = [] } = configuration.get(release) ?? {}
      if (wholeNumbers.length === 0) return []
      const request = { release, namespace, chart, values, isUpgrade: false, revision: 1 }
      const [meant, then] = await Promise.all([
        charts.render({ ...request, wholeNumbers }, signal),
        charts.render(request, signal),
      ])
      return meant === then
        ? []
        : [
            `release ${release} renders otherwise from a file: a whole number of "set" is a float there; give it as text`,
          ]
    }),
  )
  return found.flat()
}
