/** One that asks for what releases are made of: secrets, whole numbers, hooks, files, pods that consume. */
export const STORE = {
  'src/Chart.yaml': 'apiVersion: v2\nname: store\nversion: 1.2.3\nappVersion: "9"\n',
  'src/values.yaml':
    "# A comment.\nreplicas: 1\nauth: { password: '', existingSecret: '' }\nserial: 1\ntls: {}\nextraEnv: []\n",
  'src/values.schema.json': '{"type":"object","properties":{"replicas":{"type":"integer"}}}\n',
  'src/files/page.html': '<b>{{ not a template }}</b>\n',
  'src/templates/NOTES.txt': 'Thank you.\n',
  'src/templates/_helpers.tpl': '{{- define "store.labels" -}}app: {{ .Release.Name }}{{- end }}\n',
  'src/templates/settings.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data:
  serial: "{{ .Values.serial }}"
  page: {{ .Files.Get "files/page.html" | quote }}
---
apiVersion: v1
kind: Secret
metadata: { name: login }
stringData:
  password: {{ .Values.auth.password | quote }}
  pin: {{ .Values.auth.token | quote }}
  key: {{ .Values.tls.key | quote }}
`,
  'src/templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { {{ include "store.labels" . }} } }
  template:
    metadata: { labels: { {{ include "store.labels" . }} } }
    spec:
      containers:
        - name: web
          image: example.test/web:1
          env: {{ toJson .Values.extraEnv }}
          envFrom: [{ configMapRef: { name: settings } }, { secretRef: { name: login } }]
`,
  'src/templates/migrate.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: { helm.sh/hook: 'pre-install,pre-upgrade', helm.sh/hook-delete-policy: before-hook-creation }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: m, image: 'example.test/web:1' }] } } }
`,
  'src/templates/try.yaml': `apiVersion: v1
kind: Pod
metadata: { name: 'try-{{ randAlphaNum 5 | lower }}', annotations: { helm.sh/hook: test } }
spec: { restartPolicy: Never, containers: [{ name: t, image: 'example.test/web:1' }] }
`,
}

export const STORE_VALUES = `auth: { password: 'pa$$ "w0rd', existingSecret: my-secret }
tls:
  key: |
    -----BEGIN PRIVATE KEY-----
    abc
    -----END PRIVATE KEY-----
extraEnv: [{ name: COLOUR, value: blue }, { name: DB_PASSWORD, value: known-secret }]
`
