import { showLine } from '../../domain/config/position.ts'
import { keyOf, type ObjectRef } from '../../domain/kube.ts'
import type { Provenance } from '../../domain/values/model.ts'
import type { DeployContext, ReleaseWork } from './context.ts'

/**
 * The line of the project that most likely made a workload fail: what this deploy changed about it, traced to the file
 * that the value came from. Undefined when nothing changed, or not by a value that forge knows the origin of.
 */
export function responsibleLine(target: ObjectRef, { works }: Pick<DeployContext, 'works'>): string | undefined {
  for (const work of works) {
    const plan = work.plans.find(({ ref }) => keyOf(ref) === keyOf(target))
    if (plan === undefined) continue
    const images = plan.changes.filter(({ path }) => path.endsWith('.image')).map(({ after }) => after)
    return (
      imageLine(images, work) ??
      configLine(
        plan.changes.map(({ path }) => path),
        work,
      )
    )
  }
  return undefined
}

function imageLine(images: readonly unknown[], { configuration }: ReleaseWork): string | undefined {
  for (const [path, [won]] of configuration.origins)
    if (images.includes(won.value)) return `${show(won)}  ${path}=${shown(won.value)}`
  return undefined
}

/** The ConfigMap keys that changed among those whose hash the pod template carries. */
function configLine(paths: readonly string[], { configuration, plans }: ReleaseWork): string | undefined {
  const names = paths.flatMap((path) => /forge\.api-forge\.io\/configmap-([^']+)'$/u.exec(path)?.[1] ?? [])
  for (const name of names) {
    const changes = plans.find(({ ref }) => ref.kind === 'ConfigMap' && ref.name === name)?.changes ?? []
    for (const { path } of changes) {
      const key = /^data\.'?([^']+)'?$/u.exec(path)?.[1] ?? ''
      const [won] = configuration.origins.get(`configMaps.${name}.${key.replaceAll('.', '\\.')}`) ?? []
      if (won !== undefined) return `${show(won)}  ${key}=${shown(won.value)}   (ConfigMap ${name})`
    }
  }
  return undefined
}

function shown(value: Provenance['value']): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function show({ origin }: Provenance): string {
  return origin.kind === 'file' ? showLine(origin.at) : origin.text
}
