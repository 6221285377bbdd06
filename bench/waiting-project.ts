import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'

/** One Deployment per item; all with a probe, so that no tool has to let them settle. */
export interface Workload {
  readonly name: string
  readonly replicas: number
  readonly image: string
  /** From a pod's start to its readiness. */
  readonly seconds: number
}

export interface Subject {
  readonly dir: string
  readonly chart: string
  readonly workloads: readonly Workload[]
  readonly pods: number
}

const TEMPLATE = `{{- range .Values.workloads }}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .name }} }
spec:
  replicas: {{ .replicas }}
  selector: { matchLabels: { app: {{ .name }} } }
  template:
    metadata:
      labels: { app: {{ .name }} }
      annotations: { sandbox.forge.api-forge.io/delay: {{ .seconds }}s }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: {{ .image }}
          readinessProbe: { httpGet: { path: /, port: 80 }, periodSeconds: 1 }
{{- end }}
`

export const web = (name: string, more: Partial<Workload> = {}): Workload => ({
  name,
  replicas: 1,
  image: 'example.test/web:1',
  seconds: 2,
  ...more,
})

/** A chart, and the files with which forge and helmfile deploy it. */
export async function makeSubject(workloads: readonly Workload[]): Promise<Subject> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-bench-waiting-'))
  const chart = join(dir, 'chart')
  await mkdir(join(chart, 'templates'), { recursive: true })
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: waiting\nversion: 0.1.0\n')
  await writeFile(join(chart, 'values.yaml'), stringify({ workloads }))
  await writeFile(join(chart, 'templates', 'web.yaml'), TEMPLATE)
  return { dir, chart, workloads, pods: workloads.reduce((sum, { replicas }) => sum + replicas, 0) }
}

export async function configure({ dir }: Subject, sandbox: string, namespace: string, timeout: string): Promise<void> {
  const stages = { all: { timeout } }
  const environments = { sandbox: { cluster: { sandbox }, namespace } }
  const releases = { waiting: { chart: './chart' } }
  await writeFile(
    join(dir, 'forge.yaml'),
    stringify({ version: 1, project: 'waiting', environments, releases, stages }),
  )
  const helmfile = { releases: [{ name: 'waiting', namespace, chart: './chart', createNamespace: false }] }
  await writeFile(join(dir, 'helmfile.yaml'), stringify(helmfile))
}
