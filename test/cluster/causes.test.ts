import { expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { projectOf } from '../support/project.ts'

const DEPLOYMENT = `{{- range $name, $one := .Values.workloads }}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ $name }} }
spec:
  replicas: {{ $one.replicas | default 1 }}
  selector: { matchLabels: { app: {{ $name }} } }
  template:
    metadata: { labels: { app: {{ $name }} } }
    spec:
      {{- with $one.needs }}
      initContainers: [{ name: wait-for-{{ . }}, image: "tools:1", command: [nc, -z, {{ . }}, "5432"] }]
      {{- end }}
      containers: [{ name: main, image: {{ $one.image | default "main:1" }}, readinessProbe: { tcpSocket: { port: 1 } } }]
---
apiVersion: v1
kind: Service
metadata: { name: {{ $name }} }
spec: { selector: { app: {{ $name }} }, ports: [{ port: 5432 }] }
{{- end }}
{{- with .Values.pods }}
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: few }
spec: { hard: { pods: {{ . | quote }} } }
{{- end }}
`

/** Somebody else's, in the same namespace: its claim asks for a class that is not there. */
const DATABASE = `apiVersion: v1
kind: Service
metadata: { name: postgres }
spec: { selector: { app: pg }, ports: [{ port: 5432 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: postgres }
spec:
  serviceName: postgres
  selector: { matchLabels: { app: pg } }
  template:
    metadata: { labels: { app: pg } }
    spec: { containers: [{ name: pg, image: "postgres:16", volumeMounts: [{ name: data, mountPath: /data }] }] }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], storageClassName: fast, resources: { requests: { storage: 1Gi } } }
`

async function deploy(
  values: string,
  stages: string,
  namespace = freshNamespace('causes'),
): Promise<{ readonly status: number | undefined; readonly verdict: DeployReport['verdict'] }> {
  const forge = `version: 1
project: causes
environments: { sandbox: { cluster: sandbox, namespace: ${namespace} } }
releases: { causes: { chart: ./chart } }
stages: ${stages}
`
  const { dir } = await projectOf({
    'forge.yaml': forge,
    'chart/Chart.yaml': 'apiVersion: v2\nname: causes\nversion: 1.0.0\n',
    'chart/values.yaml': values,
    'chart/templates/all.yaml': DEPLOYMENT,
  })
  const ran = await forgeHere(['deploy', '-e', 'sandbox', '-C', dir, '--json'])
  return { status: ran.status, verdict: document<DeployReport>(ran).verdict }
}

const BROKEN = 'workloads: { app: { needs: postgres }, postgres: { image: registry.invalid/postgres:1 } }\n'

test('the workload that others wait for is told, not one that waits', async () => {
  const { status, verdict } = await deploy(BROKEN, '{ all: { wait: [Deployment/app], timeout: 30s } }')
  expect({ status, code: verdict?.code, message: verdict?.message, top: verdict?.chain[0] }).toEqual({
    status: 5,
    code: 'E_IMAGE_PULL',
    message: 'postgres cannot pull image registry.invalid/postgres:1: no registry has that name',
    top: 'Deployment/postgres',
  })
})

test('what a pod waits for is followed to its cause, also outside of the release', async () => {
  const namespace = freshNamespace('causes')
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['apply', '--namespace', namespace, '-f', '-'], DATABASE)

  const { status, verdict } = await deploy(
    'workloads: { app: { needs: postgres } }\n',
    '{ all: { wait: [Deployment/app], timeout: 10s } }',
    namespace,
  )

  expect({ status, code: verdict?.code, message: verdict?.message }).toEqual({
    status: 5,
    code: 'E_VOLUME',
    message: expect.stringMatching(
      /^app cannot start: postgres is not ready, because claim data-postgres-0 is Pending: StorageClass fast does not exist/u,
    ),
  })
  expect(verdict?.chain.map((link) => link.replace(/^(ReplicaSet|Pod)\/app-.*$/u, '$1/app-*'))).toEqual([
    'Deployment/app',
    'ReplicaSet/app-*',
    'Pod/app-*',
    'wait-for-postgres',
    'Service/postgres',
    'StatefulSet/postgres',
    'Pod/postgres-0',
    'PersistentVolumeClaim/data-postgres-0',
    'StorageClass/fast',
  ])
})

test('with minReady a stage is ready although a quota holds the last pod back', async () => {
  const values = 'workloads: { web: { replicas: 4 } }\npods: 3\n'
  const enough = await deploy(values, "{ all: { wait: [Deployment/web], timeout: 30s, minReady: '75%' } }")
  expect(enough).toEqual({ status: 0, verdict: null })
  const all = await deploy(values, '{ all: { wait: [Deployment/web], timeout: 30s } }')
  expect({ status: all.status, code: all.verdict?.code }).toEqual({ status: 5, code: 'E_QUOTA' })
})

test('settings of a stage that are none are refused', async () => {
  const refused = await deploy(BROKEN, "{ all: { minReady: '180%', grace: { pull: soon } } }")
  expect({ status: refused.status, code: refused.verdict?.code }).toEqual({ status: 2, code: 'E_CONFIG_INVALID' })
})
