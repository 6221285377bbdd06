import { forgeHere, objects } from './cluster.ts'
import { document } from './forge.ts'
import { helmOf } from './helms.ts'
import { projectOf, type TestProject } from './project.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** A Job of each revision, as Temporal's own chart has it. */
export const JOB_OF_REVISION = `apiVersion: batch/v1
kind: Job
metadata: { name: "migrate-{{ .Release.Revision }}", labels: { app.kubernetes.io/name: migrate } }
spec: { template: { spec: { restartPolicy: Never, containers: [ { name: migrate, image: migrate:1 } ] } } }
`

/** A password that is made once. */
export const MADE_ONCE = `{{- $old := (lookup "v1" "Secret" .Release.Namespace "db").data | default dict }}
apiVersion: v1
kind: Secret
metadata: { name: db }
data: { password: {{ $old.password | default (randAlphaNum 12 | b64enc) | quote }} }
`

/** The same, and its consumer, whose pod template says nothing of it. */
export const PASSWORD = `${MADE_ONCE}---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, labels: { app.kubernetes.io/name: db } }
spec:
  serviceName: db
  selector: { matchLabels: { app.kubernetes.io/name: db } }
  template:
    metadata: { labels: { app.kubernetes.io/name: db } }
    spec:
      containers:
        - name: db
          image: postgres:15
          readinessProbe: { tcpSocket: { port: 5432 } }
          env: [ { name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } } ]
`

/** Another object, and another id for the pods of web, with each render. */
export const RESTLESS = `{{ define "varying.id" }}{{ uuidv4 }}{{ end -}}
apiVersion: v1
kind: ConfigMap
metadata: { name: restless }
data: { id: {{ randAlphaNum 12 | quote }}, at: {{ now | quote }}, long: {{ repeat 60 "two words\\n" | quote }} }
`

/** A certificate that is made anew with each render. */
export const CERTIFICATE = `{{- $ca := genCA "varying" 30 }}
{{- $cert := genSignedCert "web" nil (list "web") 30 $ca }}
apiVersion: v1
kind: Secret
metadata: { name: tls }
type: kubernetes.io/tls
data: { ca.crt: {{ $ca.Cert | b64enc }}, tls.crt: {{ $cert.Cert | b64enc }}, tls.key: {{ $cert.Key | b64enc }} }
`

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app.kubernetes.io/name: web } }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app.kubernetes.io/name: web } }
  template:
    metadata:
      labels: { app.kubernetes.io/name: web }
      annotations:
        sandbox.forge.api-forge.io/delay: {{ .Values.delay | quote }}
        {{- if .Values.restless }}
        id: {{ include "varying.id" . | quote }}
        {{- end }}
    spec:
      containers: [ { name: web, image: {{ .Values.image | quote }}, readinessProbe: { httpGet: { path: /, port: 80 } } } ]
`

export interface Varying {
  readonly project: TestProject
  readonly namespace: string
  readonly run: (command: string, ...flags: string[]) => ReturnType<typeof forgeHere>
  /** Of `forge deploy --json`: what people and programs go by. */
  readonly deploy: (...flags: string[]) => Promise<{
    readonly status: number | undefined
    readonly outcome: string
    readonly code: string | undefined
    readonly report: DeployReport
  }>
  /** UIDs of the pods of one component. */
  readonly pods: (name: string) => Promise<string[]>
}

/** A project of one Deployment and these templates, by file name. `helm`: the program, else the one of this major version. */
export async function varyingProject(
  namespace: string,
  helm: 3 | 4 | string,
  templates: Readonly<Record<string, string>>,
): Promise<Varying> {
  const project = await projectOf({
    'forge.yaml': `version: 1
project: varying
environments:
  test: { cluster: sandbox, namespace: ${namespace} }
releases:
  varying: { chart: ./chart }
`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: varying\nversion: 1.0.0\n',
    'chart/values.yaml': 'replicas: 1\nimage: web:1\nrestless: false\ndelay: 0s\n',
    'chart/templates/web.yaml': WEB,
    ...Object.fromEntries(Object.entries(templates).map(([name, text]) => [`chart/templates/${name}`, text])),
  })
  const env = { FORGE_HELM: typeof helm === 'string' ? helm : await helmOf(helm) }
  const run: Varying['run'] = async (command, ...flags) =>
    await forgeHere([command, '--env', 'test', '-C', project.dir, ...flags], env)
  return {
    project,
    namespace,
    run,
    async deploy(...flags) {
      const ran = await run('deploy', '--json', ...flags)
      const report = document<DeployReport>(ran)
      return { status: ran.status, outcome: report.outcome, code: report.verdict?.code, report }
    },
    async pods(name) {
      const found = await objects('pods', namespace, `app.kubernetes.io/name=${name}`)
      return found.map(({ metadata }) => metadata.uid)
    },
  }
}
