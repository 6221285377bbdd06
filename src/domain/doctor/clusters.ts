import { forge, kubectl } from '../../hint.ts'
import { nameOf, type KubeObject } from '../kube.ts'
import { record } from '../look/shape.ts'
import { mistakeIn, type Mistake, type Written } from './mistake.ts'

const GROUP = 'postgresql.cnpg.io/'
export const isCluster = ({ apiVersion, kind }: KubeObject): boolean =>
  kind === 'Cluster' && apiVersion.startsWith(GROUP)

/** What CloudNativePG refuses or leaves unread in its Cluster, whether or not its definition is there to say so. */
export function clusterMistakes(written: readonly Written[], environment: string): Mistake[] {
  return written.filter(({ object }) => isCluster(object)).flatMap((one) => mistakesOf(one, environment))
}

function mistakesOf(written: Written, environment: string): Mistake[] {
  const { object } = written
  const { instances, monitoring, postgresql } = record(object['spec'])
  const name = nameOf(object)
  const explain = (path: string) => kubectl(['explain', `cluster.${path}`, `--api-version=${object.apiVersion}`])
  const found: Mistake[] = []
  if (instances === 0) {
    const text = `spec.instances of ${name} is 0, and CloudNativePG takes 1 or more: it comes to rest by hibernation`
    found.push(mistakeIn(written, text, forge('pause', name, '--env', environment)))
  }
  if ('enabled' in record(monitoring)) {
    const text = `${name} has no field spec.monitoring.enabled: enablePodMonitor makes a PodMonitor, and metrics are served in any case`
    found.push(mistakeIn(written, text, explain('spec.monitoring')))
  }
  // https://cloudnative-pg.io/documentation/current/postgresql_conf/ (fixed parameters)
  if ('shared_preload_libraries' in record(record(postgresql)['parameters'])) {
    const text = `${name}: shared_preload_libraries is none of spec.postgresql.parameters, but a list beside them`
    found.push(mistakeIn(written, text, explain('spec.postgresql.shared_preload_libraries')))
  }
  return found
}
