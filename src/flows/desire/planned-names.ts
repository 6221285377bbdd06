import { codedError } from '../../domain/config/problems.ts'
import { showProblem } from '../../domain/config/position.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import type { Rendering } from '../phases/desired.ts'
import { warn, type Check } from '../phases/findings.ts'
import { leftOutNames, leftOutObjects } from '../observe/left-out.ts'
import { renderOne } from './render.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { checkNames, usesOf } from '../names/check.ts'
import { forge } from '../../hint.ts'

/** In a preview: E_NAME_UNUSED. */
export const checkPlannedNames: Check<Rendering> = async (context, ports) => {
  const { project, releases, cluster } = context
  const { namespace } = project.environment
  const named = await Promise.all(
    releases.map(async (work) => ({
      release: work.release,
      values: work.values as JsonMap,
      manifest: work.manifest,
      objects: work.rendered.map(({ object }) => object),
      render: async (values: JsonMap) => await renderOne({ ...work, values }, context, ports.signal),
      given: work.before?.config as JsonMap | undefined,
      uses: await usesOf(work.release.chart, ports.project),
    })),
  )
  const found = await checkNames({
    project,
    releases: named,
    configuration: new Map(releases.map(({ release, configuration }) => [release.name, configuration])),
    liveService: async (name) =>
      await unlessForbidden(cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name }, ports.signal)),
    others: leftOutObjects(context),
    complete: leftOutNames(context).length === 0,
  })
  const problems = found.problems.map((problem) => ({ code: 'E_NAME_UNUSED' as const, ...problem }))
  const error = codedError(problems, forge('render', '--env', project.environment.name))
  const told = found.warnings.map((problem) => warn(showProblem(problem)))
  return error === undefined ? told : [...told, { kind: 'refuse', error }]
}
