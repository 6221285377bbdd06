import { isMap, type PlainMap } from '../config/path.ts'
import { groupOf, type KindRef, type KubeObject } from '../kube.ts'
import { specOf } from '../readiness/shapes.ts'
import { mapOf, mapsOf } from './forms.ts'

/** Of CloudNativePG: what counts of it are its pods (readiness/workloads/own-words.ts), and not what its status says. */
export function isPooler({ apiVersion, kind }: KindRef): boolean {
  return groupOf(apiVersion) === 'postgresql.cnpg.io' && kind === 'Pooler'
}

const NAME = 'cnpg.io/poolerName'
const CONTAINER = 'pgbouncer'

/** Whether it is one of its pods. */
export function ofPooler({ metadata: { name, namespace } }: KubeObject, { metadata: pod }: KubeObject): boolean {
  return pod.namespace === namespace && pod.labels?.[NAME] === name
}

/** Where pods may stand; what else a template has needs Secrets and accounts that the operator makes. */
const PLACES = ['nodeSelector', 'affinity', 'tolerations', 'topologySpreadConstraints']

/**
 * The Deployment that its operator makes for it (pkg/specs/pgbouncer/deployments.go), as far as it decides whether its pods come to
 * stand: their number, room and place. `pooler`: as it stands in the sandbox, with its uid.
 */
export function poolerPods(pooler: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = pooler
  const { name, namespace, uid = '' } = metadata
  const spec = mapOf(pooler['spec'])
  const { metadata: about, spec: pod } = mapOf(spec['template'])
  const { instances = 1 } = specOf(pooler)
  const { deploymentStrategy: strategy } = spec
  const own = { [NAME]: name, 'cnpg.io/cluster': String(mapOf(spec['cluster'])['name']), 'cnpg.io/podRole': 'pooler' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: own,
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
    },
    spec: {
      replicas: instances,
      selector: { matchLabels: { [NAME]: name } },
      ...(isMap(strategy) ? { strategy } : {}),
      template: {
        metadata: { labels: { ...mapOf(mapOf(about)['labels']), ...own } },
        spec: {
          ...Object.fromEntries(
            PLACES.flatMap((field) => (mapOf(pod)[field] === undefined ? [] : [[field, mapOf(pod)[field]]])),
          ),
          securityContext: { runAsNonRoot: true, runAsUser: 998, seccompProfile: { type: 'RuntimeDefault' } },
          containers: containersOf(mapOf(pod)),
        },
      },
    },
  }
}

function containersOf(pod: PlainMap): PlainMap[] {
  const stated = mapsOf(pod['containers'])
  const all = stated.some(({ name }) => name === CONTAINER) ? stated : [...stated, { name: CONTAINER }]
  return all.map(({ name, image, resources }) => ({
    name,
    image: typeof image === 'string' && image !== '' ? image : CONTAINER,
    ...(isMap(resources) ? { resources } : {}),
    // As strict a namespace as there is takes it.
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }))
}
