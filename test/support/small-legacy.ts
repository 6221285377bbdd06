import { join } from 'node:path'
import { stringify } from 'yaml'
import { freshNamespace, kubectl } from './cluster.ts'
import { allReady } from './legacy-stack.ts'
import { projectOf, type TestProject } from './project.ts'

/** A Deployment that reads a ConfigMap and keeps data on a claim, and its Service: applied by kubectl, with a chart that has the same. */
export interface SmallLegacy {
  readonly namespace: string
  /** Its environment `test` is the namespace, its release `web`; the folder `old` is what was applied. */
  readonly project: TestProject
  readonly from: string
}

const LABELS = { 'app.kubernetes.io/name': 'web' }

/** The pod template is what the chart renders with its own values, so that nothing need restart. */
const template = (image: unknown): object => ({
  metadata: { labels: LABELS },
  spec: {
    containers: [
      {
        name: 'web',
        image,
        envFrom: [{ configMapRef: { name: 'web' } }],
        ports: [{ name: 'http', containerPort: 80 }],
        readinessProbe: { httpGet: { path: '/', port: 'http' } },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'web-data' } }],
  },
})

export const SMALL_OBJECTS = {
  configmap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { COLOUR: 'blue' } },
  claim: {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'web-data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  service: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: LABELS, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  },
  deployment: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: LABELS },
      template: template('web:1'),
    },
  },
}

const CHART = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'chart/values.yaml': 'replicas: 1\nimage: web:1\nsize: 1Gi\ncolour: blue\n',
  'chart/templates/configmap.yaml': stringify({ ...SMALL_OBJECTS.configmap, data: { COLOUR: '{{ .Values.colour }}' } }),
  'chart/templates/service.yaml': stringify(SMALL_OBJECTS.service),
  'chart/templates/claim.yaml': stringify(SMALL_OBJECTS.claim).replace('1Gi', '{{ .Values.size }}'),
  'chart/templates/deployment.yaml': stringify(SMALL_OBJECTS.deployment)
    .replace('replicas: 1', 'replicas: {{ .Values.replicas }}')
    .replace('image: web:1', 'image: {{ .Values.image }}'),
}

/** `objects`: what was applied, by the name of its file. `how`: `apply --server-side`, `create`. */
export async function smallLegacy(
  objects: Readonly<Record<string, object>> = SMALL_OBJECTS,
  how: readonly string[] = ['apply'],
): Promise<SmallLegacy> {
  const namespace = freshNamespace('small')
  const project = await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'web',
      environments: { test: { cluster: 'sandbox', namespace } },
      releases: { web: { chart: './chart' } },
    }),
    ...CHART,
    ...Object.fromEntries(Object.entries(objects).map(([name, one]) => [`old/${name}.yaml`, stringify(one)])),
  })
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['-n', namespace, ...how, '--filename', join(project.dir, 'old')])
  await allReady(namespace)
  return { namespace, project, from: 'old' }
}
