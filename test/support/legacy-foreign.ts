/** Objects of other people in the same namespace, which nothing may touch. Their pods are ready in the sandbox. */
const LABELS = { 'app.kubernetes.io/name': 'reports', team: 'analytics' }

const pod = {
  metadata: { labels: LABELS },
  spec: {
    containers: [
      {
        name: 'reports',
        image: 'reports:1',
        envFrom: [{ configMapRef: { name: 'reports' } }, { secretRef: { name: 'reports' } }],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'reports-data' } }],
  },
}

const object = (apiVersion: string, kind: string, name: string, more: object) => ({
  apiVersion,
  kind,
  metadata: { name, labels: LABELS },
  ...more,
})

export const FOREIGN = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    object('v1', 'ConfigMap', 'reports', { data: { COLOUR: 'blue' } }),
    object('v1', 'Secret', 'reports', { stringData: { token: 'of-somebody-else' } }),
    object('v1', 'PersistentVolumeClaim', 'reports-data', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
    object('v1', 'Service', 'reports', { spec: { selector: LABELS, ports: [{ port: 80 }] } }),
    object('apps/v1', 'Deployment', 'reports', { spec: { selector: { matchLabels: LABELS }, template: pod } }),
    object('networking.k8s.io/v1', 'Ingress', 'reports', {
      spec: { defaultBackend: { service: { name: 'reports', port: { number: 80 } } } },
    }),
    object('batch/v1', 'CronJob', 'reports', {
      spec: {
        schedule: '0 3 1 1 *',
        suspend: true,
        jobTemplate: {
          spec: {
            template: { spec: { restartPolicy: 'Never', containers: [{ name: 'nightly', image: 'reports:1' }] } },
          },
        },
      },
    }),
  ],
}
