import type { Project, Release } from '../../domain/config/model.ts'
import { relativeTo } from '../../domain/config/file-path.ts'
import { showPosition } from '../../domain/config/position.ts'
import type { ExportedChart, ExportedRelease } from '../../domain/export/model.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import { ForgeError } from '../../errors.ts'
import type { Repository } from '../../export-port.ts'
import { again } from '../../hint.ts'

/** Throws E_EXPORT for a chart that the controller would not find. */
export function exportedReleases(
  project: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  repository: Repository | undefined,
): ExportedRelease[] {
  const known = project.releases.map(({ name }) => name)
  return project.releases.map((release) => {
    const { name, namespace, crds } = release
    const needs = release.needs.filter((needed) => known.includes(needed))
    const values = configuration.get(name)?.values ?? {}
    return { name, namespace, needs, crds, values, chart: chartOf(release, project, repository) }
  })
}

function chartOf({ name, chart }: Release, { dir }: Project, repository: Repository | undefined): ExportedChart {
  if (chart.repository !== undefined)
    return { kind: 'repository', url: chart.repository, name: chart.chart, version: chart.version ?? '' }
  if (!chart.local) return ociChart(chart.chart, chart.version)
  const { root } = repository ?? {}
  const isInside = root !== undefined && `${chart.chart}/`.startsWith(`${root}/`) && !chart.chart.endsWith('.tgz')
  if (isInside) return { kind: 'git', path: relativeTo(root, chart.chart) }
  const shown = relativeTo(dir, chart.chart)
  const why = root === undefined ? 'the project is in no Git repository' : 'it is not a folder of this repository'
  throw new ForgeError('E_EXPORT', `the controller would not find chart ${shown} of release ${name}: ${why}`, {
    hint: again('--to', 'kustomize'),
    where: showPosition(chart.at),
  })
}

/** `oci://registry/charts/web:1.2.3`, with the version in it or beside it. */
function ociChart(reference: string, version: string | undefined): ExportedChart {
  const [, url = reference, tag, digest] =
    /^(oci:\/\/.*?)(?::([^:/@]+))?(?:@(sha256:[0-9a-f]+))?$/u.exec(reference) ?? []
  return { kind: 'oci', url, version: digest ?? version ?? tag ?? '' }
}
