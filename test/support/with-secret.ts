import { projectOf, type TestProject } from './project.ts'

const OBJECTS = `{{- $keys := index .Values.secretRevisions "app-secrets" | default dict -}}
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app.kubernetes.io/name: web } }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations:
        forge.api-forge.io/configmap-web: {{ toJson .Values.data | sha256sum | trunc 8 | quote }}
        forge.api-forge.io/secret-app-secrets: {{ index $keys "api_key" | default 0 | quote }}
        {{- with .Values.delay }}
        sandbox.forge.api-forge.io/delay: {{ . }}
        {{- end }}
    spec:
      containers:
        - name: web
          image: {{ .Values.image }}
          readinessProbe: { httpGet: { path: /, port: 80 } }
          envFrom: [ { secretRef: { name: app-secrets } }, { configMapRef: { name: web } } ]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data: {{ toJson .Values.data }}
{{- with .Values.migration }}
---
apiVersion: batch/v1
kind: Job
metadata: { name: migrate-{{ . }} }
spec:
  template:
    metadata: { annotations: { sandbox.forge.api-forge.io/delay: {{ $.Values.migrationDelay }} } }
    spec: { restartPolicy: Never, containers: [ { name: main, image: migrate:1 } ] }
{{- end }}
{{- if .Values.store }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: store }
spec: { accessModes: [ ReadWriteOnce ], resources: { requests: { storage: 1Gi } } }
{{- end }}
`

/** One Deployment that takes a ConfigMap and a secret of forge's own, with a Job or a claim where a test asks for it. */
export async function secretProject(namespace: string): Promise<TestProject> {
  return await projectOf({
    'forge.yaml': `version: 1
project: tiny
environments:
  sandbox: { cluster: sandbox, namespace: ${namespace} }
  guarded: { cluster: sandbox, namespace: ${namespace}, protected: true }
releases:
  tiny: { chart: ./chart }
secrets:
  app-secrets:
    each: { file: "keys/{key}.txt" }
    keys: [ api_key, { name: db_pw, rollback: keep }, { name: signing, rollback: refuse } ]
stages:
  web: { wait: [ Deployment/web ], timeout: 30s }
`,
    'keys/api_key.txt': 'the-first-api-key',
    'keys/db_pw.txt': 'the-first-database-password',
    'keys/signing.txt': 'the-first-signing-key',
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: "2.3"\n',
    'chart/values.yaml':
      'replicas: 1\nimage: web:1\ndata: { COLOUR: blue }\nmigration: ""\nmigrationDelay: 0s\ndelay: ""\nstore: false\nsecretRevisions: {}\n',
    'chart/templates/objects.yaml': OBJECTS,
  })
}
