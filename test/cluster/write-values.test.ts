import { mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { allReady, identities, legacyStack } from '../support/legacy-stack.ts'
import { projectOf, type TestProject } from '../support/project.ts'

// What runs becomes values of its chart, so that the first revision changes as little as can be.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

interface Report {
  readonly verdict: { readonly code: string; readonly message: string } | null
  readonly values: {
    readonly written: readonly { readonly path: string; readonly object: string; readonly field: string }[]
    readonly left: readonly { readonly object: string; readonly field: string; readonly because: string }[]
    readonly renders: number
    readonly before: number
    readonly after: number
  } | null
  readonly plan?: {
    readonly objects: readonly { readonly object: string; readonly changes: readonly { readonly path: string }[] }[]
  }
}

interface Ended {
  readonly status: number | undefined
  readonly report: Report
}

async function migrate({ dir }: TestProject, ...args: readonly string[]): Promise<Ended> {
  const { status, stdout } = await forgeHere(['migrate-to-helm', '-C', dir, '--json', ...args])
  return { status, report: JSON.parse(stdout) as Report }
}

async function fresh(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'forge-values-')), 'v.yaml')
}

/** Fields that the first revision changes. */
async function changes(project: TestProject, ...args: readonly string[]): Promise<string[]> {
  const { report } = await migrate(project, ...args, '--dry-run', '--overwrite-drift')
  expect(report.verdict).toBeNull()
  return (report.plan?.objects ?? []).flatMap(({ object, changes: all }) => all.map(({ path }) => `${object} ${path}`))
}

test('the example: what was changed by hand becomes values, and is no drift any more', async () => {
  const { namespace, project, from } = await legacyStack('values')
  made.push(namespace)
  const flags = ['--env', 'legacy', '--from', join(project.dir, from)]
  const before = await identities(namespace)
  const file = await fresh()
  const { status, report } = await migrate(project, ...flags, '--write-values', file)
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  expect(await identities(namespace)).toEqual(before)
  expect(report.values?.written).toContainEqual({
    path: 'worker.replicas',
    object: 'Deployment/worker',
    field: 'spec.replicas',
    by: 'kubectl',
  })
  // The worker has the variables of the app too, so no value says it of the app alone: it stays, as helm leaves it.
  const env = 'spec.template.spec.containers[app].env[LOG_LEVEL]'
  const left = report.values?.left.find(({ field }) => field === env)
  expect(left?.because).toContain('it stays as it is')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).toContain('# Deployment/worker spec.replicas, live (kubectl)\n  replicas: 2\n')
  const [without, withValues] = [await changes(project, ...flags), await changes(project, ...flags, '-f', file)]
  expect(withValues.length).toBeLessThan(without.length)
  expect(without.filter((one) => !withValues.includes(one))).toContain('Deployment/worker spec.replicas')
  const migrated = await migrate(project, ...flags, '-f', file, '--confirm', 'temporal-data')
  expect({ status: migrated.status, verdict: migrated.report.verdict }).toEqual({ status: 0, verdict: null })
  const look = ['-n', namespace, 'get', 'deployment/app', '-o', 'jsonpath={..env[?(@.name=="LOG_LEVEL")].value}']
  expect(await kubectl(look)).toBe('DEBUG')
})

const LABELS = { app: 'shop' }

/** Other habits than those of the chart of this repository. */
const CHART = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
  'chart/values.yaml': `replicaCount: 1
image: { registry: docker.io, repository: library/shop, tag: "" }
args: []
env:
  - { name: COLOUR, value: blue }
resources: {}
nodeSelector: {}
tolerations: []
podAnnotations: {}
grace: 30
service: { type: ClusterIP, port: 80, nodePort: "" }
storage: { size: 1Gi }
ingress: { enabled: false, className: "", hosts: [] }
`,
  'chart/templates/all.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: {{ .Values.replicaCount }}
  selector: { matchLabels: { app: shop } }
  template:
    metadata:
      labels: { app: shop }
      {{- with .Values.podAnnotations }}
      annotations: {{ toYaml . | nindent 8 }}
      {{- end }}
    spec:
      terminationGracePeriodSeconds: {{ .Values.grace }}
      {{- with .Values.nodeSelector }}
      nodeSelector: {{ toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations: {{ toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: shop
          image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default "1" }}"
          {{- with .Values.args }}
          args: {{ toYaml . | nindent 12 }}
          {{- end }}
          env: {{ toYaml .Values.env | nindent 12 }}
          resources: {{ toYaml .Values.resources | nindent 12 }}
          ports: [{ containerPort: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: shop }
spec:
  type: {{ .Values.service.type }}
  selector: { app: shop }
  ports:
    - port: {{ .Values.service.port }}
      targetPort: 80
      {{- if .Values.service.nodePort }}
      nodePort: {{ .Values.service.nodePort }}
      {{- end }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: shop-data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: {{ .Values.storage.size }} } } }
{{- if .Values.ingress.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  {{- with .Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ . | quote }}
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
    {{- end }}
{{- end }}
`,
}

const backend = { service: { name: 'shop', port: { number: 80 } } }

/** What runs: every part of it is something that some value of the chart says. */
const RUNNING = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop' },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS, annotations: { 'example.com/scrape': 'metrics' } },
        spec: {
          terminationGracePeriodSeconds: 45,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
          containers: [
            {
              name: 'shop',
              image: 'registry.example.com:5000/library/shop:2.4',
              args: ['--verbose', '--port=80'],
              env: [
                { name: 'COLOUR', value: 'red' },
                { name: 'REGION', value: 'eu' },
                { name: 'API_TOKEN', value: 'not-for-a-file-7f3a' },
              ],
              resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '64Mi' } },
              ports: [{ containerPort: 80 }],
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: { type: 'NodePort', selector: LABELS, ports: [{ port: 80, targetPort: 80 }] },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'shop-data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '3Gi' } } },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop' },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        { host: 'shop.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
        { host: 'www.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
      ],
    },
  },
]

test("somebody else's chart: images, resources, scheduling, a Service and an Ingress are found by what the chart makes of its values", async () => {
  const namespace = freshNamespace('values')
  made.push(namespace)
  const project = await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'shop',
      environments: { test: { cluster: 'sandbox', namespace } },
      releases: { shop: { chart: './chart' } },
    }),
    ...CHART,
    'old/all.yaml': RUNNING.map((one) => stringify(one)).join('---\n'),
  })
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['-n', namespace, 'apply', '--filename', join(project.dir, 'old')])
  await kubectl(['-n', namespace, 'scale', 'deployment/shop', '--replicas=3'])
  await allReady(namespace)
  const before = await identities(namespace)
  const file = await fresh()
  const { status, report } = await migrate(project, '--from', join(project.dir, 'old'), '--write-values', file)
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  expect(await identities(namespace)).toEqual(before)
  const paths = new Set(report.values?.written.map(({ path }) => path))
  expect([...paths].toSorted()).toEqual([
    'args',
    'env',
    'env[0].value',
    'grace',
    'image.registry',
    'image.tag',
    'ingress.className',
    'ingress.enabled',
    'ingress.hosts',
    'nodeSelector.kubernetes\\.io/os',
    'podAnnotations.example\\.com/scrape',
    'replicaCount',
    'resources.limits',
    'resources.requests',
    'service.type',
    'storage.size',
    'tolerations',
  ])
  const text = await readFile(file, 'utf8')
  expect(text).not.toContain('not-for-a-file-7f3a')
  const token = 'spec.template.spec.containers[shop].env[API_TOKEN]'
  const because = 'it may be a secret, and is not written into a file'
  expect(report.values?.left).toEqual([{ object: 'Deployment/shop', field: token, because }])
  const again = await migrate(project, '--write-values', file)
  expect({ status: again.status, code: again.report.verdict?.code }).toEqual({ status: 3, code: 'E_VALUES_EXISTS' })
  expect(await readFile(file, 'utf8')).toBe(text)
  const flags = ['--from', join(project.dir, 'old'), '-f', file]
  expect(await changes(project, ...flags)).toEqual([`Deployment/shop ${token}`])
})
