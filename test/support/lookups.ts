import { MADE_ONCE } from './varying.ts'

/** A consumer of Secret db whose pods carry a checksum of the template that makes it. */
const CONSUMER = `---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, labels: { app.kubernetes.io/name: db } }
spec:
  serviceName: db
  selector: { matchLabels: { app.kubernetes.io/name: db } }
  template:
    metadata:
      labels: { app.kubernetes.io/name: db }
      annotations: { checksum/secret: CHECKSUM }
    spec:
      containers:
        - name: db
          image: postgres:15
          readinessProbe: { tcpSocket: { port: 5432 } }
          envFrom: [ { secretRef: { name: db } } ]
`

const consumer = (checksum: string): string => CONSUMER.replace('CHECKSUM', checksum)

const OF_TEMPLATE = '{{ include (print $.Template.BasePath "/secret.yaml") . | sha256sum }}'

/** By the names of a chart's files: a password that is made once, and a checksum of the template that makes it. */
export const CHECKED_PASSWORD = {
  'secret.yaml': MADE_ONCE,
  'db.yaml': consumer(OF_TEMPLATE),
}

/** No lookup: a certificate of its own in each render, and so its checksum. */
export const MADE_ANEW = {
  'secret.yaml': `{{- with genCA "db" 365 }}
apiVersion: v1
kind: Secret
metadata: { name: db }
data: { ca.crt: {{ .Cert | b64enc }} }
{{- end }}
`,
  'db.yaml': consumer(OF_TEMPLATE),
}

/** Made by a hook, which is no part of the release. */
export const HOOKED = {
  ...CHECKED_PASSWORD,
  'secret.yaml': CHECKED_PASSWORD['secret.yaml'].replace(
    '{ name: db }',
    '{ name: db, annotations: { helm.sh/hook: pre-install, helm.sh/hook-delete-policy: before-hook-creation } }',
  ),
}

/** A Secret of forge.yaml, told by a checksum. */
export const LOOKED_UP = {
  'db.yaml': consumer('{{ (lookup "v1" "Secret" .Release.Namespace "db").data | toYaml | sha256sum }}'),
}

/** Its own Secret is told by what the cluster has. */
export const OWN_LOOKED_UP = {
  'secret.yaml': `apiVersion: v1
kind: Secret
metadata: { name: db }
stringData: { password: {{ .Values.password | quote }} }
`,
  ...LOOKED_UP,
}

/** Of another release. */
export const READER = `apiVersion: apps/v1
kind: Deployment
metadata: { name: reader, labels: { app.kubernetes.io/name: reader } }
spec:
  selector: { matchLabels: { app.kubernetes.io/name: reader } }
  template:
    metadata:
      labels: { app.kubernetes.io/name: reader }
      annotations: { checksum/secret: '{{ (lookup "v1" "Secret" .Release.Namespace "db").data | toYaml | sha256sum }}' }
    spec: { containers: [ { name: web, image: web:1, readinessProbe: { httpGet: { path: /, port: 80 } } } ] }
`

/** What it finds decides what its pods do: that is no chance. */
export const ONCE = {
  'db.yaml': `apiVersion: v1
kind: Secret
metadata: { name: db }
stringData: { password: fixed }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: first }
spec:
  selector: { matchLabels: { app: first } }
  template:
    metadata: { labels: { app: first } }
    spec:
      containers:
        - name: first
          image: first:1
          args: [ {{ if lookup "v1" "Secret" .Release.Namespace "db" }}serve{{ else }}initialise{{ end }} ]
          readinessProbe: { httpGet: { path: /, port: 80 } }
`,
}
