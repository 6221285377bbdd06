import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'

export interface LargeChart {
  readonly what: string
  /** Definitions of about 60 KB each, as controller-gen makes them. */
  readonly definitions: number
  /** Half of them ConfigMaps; the other half Services, ServiceAccounts and Roles. */
  readonly objects: number
  readonly workloads: number
  /** Of each ConfigMap. */
  readonly bytes: number
}

export const LARGE: readonly LargeChart[] = [
  { what: '25 CRDs, 120 objects, 2 MB', definitions: 25, objects: 100, workloads: 20, bytes: 8_000 },
  { what: '300 workloads', definitions: 0, objects: 0, workloads: 300, bytes: 0 },
  { what: '25 CRDs, 460 objects, 5 MB', definitions: 25, objects: 440, workloads: 20, bytes: 16_000 },
]

/** Both take `version`, which each object carries as a label: the change that a new version of any chart brings. */
const WORKLOADS = `{{- range $at := until (int .Values.workloads) }}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-{{ $at }}, labels: { version: {{ $.Values.version | quote }} } }
spec:
  replicas: 1
  selector: { matchLabels: { app: web-{{ $at }} } }
  template:
    metadata: { labels: { app: web-{{ $at }} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: example.test/web:{{ $.Values.version }}
          ports: [{ name: http, containerPort: 8080 }]
          env: [{ name: LOG_LEVEL, value: info }, { name: NUMBER, value: {{ $at | quote }} }]
          resources: { requests: { cpu: 1m, memory: 1Mi } }
          readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 1 }
{{- end }}
`

const OBJECTS = `{{- range $at := until (int (div (int .Values.objects) 2)) }}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: dashboard-{{ $at }}, labels: { version: {{ $.Values.version | quote }} } }
data:
  dashboard.json: |
    {{- range $line := until (int (div (int $.Values.bytes) 80)) }}
    {"panel": {{ add (mul $at 1000) $line }}, "expr": "sum(rate(http_requests_total[5m])) by (pod)"}
    {{- end }}
---
{{- if eq (mod $at 3) 0 }}
apiVersion: v1
kind: Service
metadata: { name: web-{{ $at }}, labels: { version: {{ $.Values.version | quote }} } }
spec: { ports: [{ name: http, port: 80, targetPort: http }], selector: { app: web-{{ $at }} } }
{{- else if eq (mod $at 3) 1 }}
apiVersion: v1
kind: ServiceAccount
metadata: { name: web-{{ $at }}, labels: { version: {{ $.Values.version | quote }} } }
{{- else }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: web-{{ $at }}, labels: { version: {{ $.Values.version | quote }} } }
rules: [{ apiGroups: [""], resources: [configmaps, secrets], verbs: [get, list, watch] }]
{{- end }}
{{- end }}
`

const DEFINITIONS = `{{- range $at := until (int .Values.definitions) }}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things{{ $at }}.{{ $.Release.Namespace }}.test
  labels: { version: {{ $.Values.version | quote }} }
spec:
  group: {{ $.Release.Namespace }}.test
  names: { kind: Thing{{ $at }}, listKind: Thing{{ $at }}List, plural: things{{ $at }}, singular: thing{{ $at }} }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          description: A thing of kind {{ $at }}.
          type: object
          properties:
            spec:
              type: object
              properties:
                {{- range $part := until 25 }}
                part{{ $part }}:
                  description: |-
                    What part {{ $part }} of thing {{ $at }} is made of, and where it is looked for.
                    It is left out where the cluster has nothing of the kind.
                  type: object
                  properties:
                    {{- range $field := until 12 }}
                    field{{ $field }}:
                      description: Says for {{ $at }}-{{ $part }}-{{ $field }} which of the keys is taken, and what it is called.
                      type: string
                      maxLength: {{ add 63 $field }}
                    {{- end }}
                {{- end }}
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
{{- end }}
`

export interface LargeProject {
  readonly dir: string
  readonly chart: string
  readonly values: string
  /** What the next deploy brings. */
  readonly bring: (version: number) => Promise<void>
}

export async function largeProject(large: LargeChart, sandbox: string, namespace: string): Promise<LargeProject> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-bench-large-'))
  const chart = join(dir, 'chart')
  const values = join(dir, 'values.yaml')
  await mkdir(join(chart, 'templates'), { recursive: true })
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: large\nversion: 0.1.0\n')
  for (const [name, text] of Object.entries({ workloads: WORKLOADS, objects: OBJECTS, definitions: DEFINITIONS }))
    await writeFile(join(chart, 'templates', `${name}.yaml`), text)
  const environments = { sandbox: { cluster: { sandbox }, namespace } }
  const releases = { large: { chart: './chart', values: ['values.yaml'] } }
  await writeFile(join(dir, 'forge.yaml'), stringify({ version: 1, project: 'large', environments, releases }))
  const { what: _what, ...sizes } = large
  const bring = async (version: number): Promise<void> =>
    await writeFile(values, stringify({ ...sizes, version: `v${version}` }))
  await bring(1)
  return { dir, chart, values, bring }
}
