import { clusterMistakes } from '../../domain/doctor/clusters.ts'
import { unmadeDatabases } from '../../domain/doctor/databases.ts'
import { floatingCharts, floatingImages } from '../../domain/doctor/floating.ts'
import type { Mistake, Written, WrittenRelease } from '../../domain/doctor/mistake.ts'
import { placeholders } from '../../domain/doctor/placeholders.ts'
import { oldPlugins } from '../../domain/doctor/plugins.ts'
import { absolutePath, relativeTo } from '../../domain/config/file-path.ts'
import { plainObjects } from '../../domain/plain/objects.ts'
import { warn, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'

const told = ({ text, where, hint }: Mistake): Finding => warn(text, { where, hint })

export const checkPlaceholders: Check<Compared> = (known) => written(known).flatMap(placeholders).map(told)

export const checkStores: Check<Compared> = (known) => {
  const releases = written(known)
  return [...releases.flatMap(oldPlugins), ...unmadeDatabases(releases)].map(told)
}

export const checkClusters: Check<Compared> = (known) => {
  const objects = written(known).flatMap((release) => release.objects)
  return clusterMistakes(objects, known.project.environment.name).map(told)
}

export const checkCustomImages: Check<Compared> = (known) =>
  floatingImages(written(known).flatMap(({ objects }) => objects)).map(told)

/** Of objects that are deployed, and of a HelmRelease whose values forge takes. */
export const checkChartVersions: Check<Compared> = async (known, { project: ports }) => {
  const { dir, releases } = known.project
  const files = [...new Set(releases.flatMap(({ values }) => values.flatMap(({ file, path }) => (path ? [file] : []))))]
  const besides = await Promise.all(
    files.map(async (file): Promise<readonly Written[]> => {
      const path = absolutePath(dir, file)
      const text = await ports.files.read(path)
      const { objects } = plainObjects(text === undefined ? [] : [{ file: relativeTo(dir, path), text }])
      return objects.map(({ object, at: { file: shown, line = 1 } }) => ({
        object,
        at: { file: shown, line, column: 1 },
      }))
    }),
  )
  return floatingCharts([...written(known).flatMap(({ objects }) => objects), ...besides.flat()]).map(told)
}

function written({ releases }: Compared): WrittenRelease[] {
  return releases.map(({ release, configuration, rendered }) => ({
    name: release.name,
    origins: configuration.origins,
    objects: rendered.map(({ object, template }) => {
      const at = release.plain?.places?.get(template)
      return at === undefined ? { object } : { object, at }
    }),
  }))
}
