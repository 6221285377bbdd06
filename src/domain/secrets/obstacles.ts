import type { Environment } from '../config/model.ts'
import type { CodedProblem } from '../config/problems.ts'
import type { KubeObject } from '../kube.ts'
import type { ResolvedSecret } from './model.ts'
import { dataOf, toBase64 } from './plan.ts'
import { forge, kubectl } from '../../hint.ts'

/** What the API server will refuse, and keys that neither the sources nor the cluster have: found before anything is written. */
export function obstacles(
  desired: Pick<ResolvedSecret, 'spec' | 'keys'>,
  live: KubeObject | undefined,
  { name: environment, namespace }: Pick<Environment, 'name' | 'namespace'>,
): CodedProblem[] {
  const look = kubectl(['describe', 'secret', desired.spec.name], namespace)
  const { spec } = desired
  const type = typeof live?.['type'] === 'string' ? live['type'] : 'Opaque'
  if (live !== undefined && type !== spec.type) {
    const message = `Secret ${spec.name} is of type ${type} in the cluster, and a type never changes; forge.yaml wants ${spec.type}: give it another name, or save it and delete it yourself`
    return [{ code: 'E_SECRET_TYPE', message, at: spec.at, hint: look }]
  }
  const data = live === undefined ? {} : dataOf(live)
  const problems: CodedProblem[] = [...desired.keys].flatMap(([key, content]) => {
    if ('bytes' in content || content.optional === true || Object.hasOwn(data, key)) return []
    const where =
      live === undefined
        ? `there is no Secret ${spec.name} in the cluster`
        : `Secret ${spec.name} in the cluster has no such key`
    return [
      {
        code: 'E_SECRET_MISSING',
        message: `key ${key}: ${content.missing}, and ${where} to keep it from`,
        at: spec.at,
        hint: forge('secrets', 'generate', '--env', environment),
      },
    ]
  })
  const changed = [...desired.keys].filter(
    ([key, content]) => 'bytes' in content && data[key] !== toBase64(content.bytes),
  )
  if (live?.['immutable'] === true && changed.length > 0) {
    const keys = changed.map(([key]) => key).join(', ')
    const message = `Secret ${spec.name} is immutable in the cluster, and ${keys} would change: give it another name, or save it and delete it yourself`
    problems.push({ code: 'E_SECRET_IMMUTABLE', message, at: spec.at, hint: look })
  }
  return problems
}
