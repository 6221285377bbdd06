import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { forgeHere, kubectl, type LiveObject } from './cluster.ts'
import type { Ran } from './forge.ts'
import { projectOf, type TestProject } from './project.ts'

/** web uses one key and a certificate, api another key, still none; redis is off, and with it its secret. */
const TEMPLATE = `{{- range $name, $key := dict "web" "session" "api" "token" "still" "" }}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ $name }}, labels: { app.kubernetes.io/name: {{ $name }} } }
spec:
  selector: { matchLabels: { app.kubernetes.io/name: {{ $name }} } }
  template:
    metadata:
      labels: { app.kubernetes.io/name: {{ $name }} }
      annotations:
        app: {{ $name }}
        {{- if $key }}
        forge.api-forge.io/secret-app-secrets: {{ dig "app-secrets" $key 0 $.Values.secretRevisions | int64 | toString | quote }}
        {{- end }}
        {{- if eq $name "web" }}
        forge.api-forge.io/secret-web-tls: {{ dig "web-tls" "tls.key" 0 $.Values.secretRevisions | int64 | toString | quote }}
        {{- end }}
    spec:
      containers:
        - name: {{ $name }}
          image: shop:1
          readinessProbe: { httpGet: { path: /, port: 80 } }
          {{- if $key }}
          env: [ { name: VALUE, valueFrom: { secretKeyRef: { name: app-secrets, key: {{ $key }} } } } ]
          {{- end }}
      {{- if eq $name "web" }}
      volumes: [ { name: tls, secret: { secretName: web-tls } } ]
      {{- end }}
{{- end }}
{{- if .Values.redis.enabled }}
---
apiVersion: v1
kind: Pod
metadata: { name: redis }
spec: { containers: [ { name: redis, image: redis:7, envFrom: [ { secretRef: { name: redis-secrets } } ] } ] }
{{- end }}
`

const FORGE = (namespace: string): string => `version: 1
project: shop
environments:
  test: { cluster: sandbox, namespace: ${namespace} }
releases:
  shop: { chart: ./chart }
secrets:
  app-secrets:
    each: { file: "keys/{key}.txt" }
    keys: [ session, token, { name: db, rollback: keep } ]
    generate: { length: 24 }
    keep: true
  web-tls: { type: tls, cert: certs/web.crt, key: certs/web.key, service: web, generate: { ca: certs/ca } }
  redis-secrets: { files: { password: keys/redis.txt } }
stages:
  back: { wait: [ Deployment/api ], timeout: 30s }
  front: { wait: [ Deployment/web, Deployment/still ], timeout: 30s }
`

export interface Shop {
  readonly project: TestProject
  readonly namespace: string
  readonly forge: (...args: string[]) => Promise<Ran>
  readonly bytes: (file: string) => Promise<Buffer>
  readonly mode: (file: string) => Promise<string>
}

/** The project with its secrets made, not deployed. */
export async function shopProject(namespace: string): Promise<Shop> {
  const project = await projectOf({
    'forge.yaml': FORGE(namespace),
    'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'chart/values.yaml': 'secretRevisions: {}\nredis: { enabled: false }\n',
    'chart/templates/shop.yaml': TEMPLATE,
  })
  const forge: Shop['forge'] = async (...args) => await forgeHere([...args, '-C', project.dir, '--env', 'test'])
  const made = await forge('secrets', 'generate')
  if (made.status !== 0) throw new Error(`secrets generate ended with ${made.status}:\n${made.stderr}`)
  return {
    project,
    namespace,
    forge,
    bytes: async (file) => await readFile(join(project.dir, file)),
    mode: async (file) => ((await stat(join(project.dir, file))).mode & 0o777).toString(8),
  }
}

export async function deployedShop(namespace: string): Promise<Shop> {
  const shop = await shopProject(namespace)
  const ran = await shop.forge('deploy')
  if (ran.status !== 0) throw new Error(`the deploy ended with ${ran.status}:\n${ran.stderr}`)
  return shop
}

const KINDS = 'deployments,replicasets,pods,secrets,configmaps,services'

/** What every object is known by: a write of any kind changes it. forge's own state is left out. */
export async function versions(namespace: string): Promise<Record<string, unknown>> {
  const text = await kubectl(['get', KINDS, '-n', namespace, '-o', 'json'])
  const { items } = JSON.parse(text) as { items: LiveObject[] }
  const own = items.filter(({ type }) => !/^forge\.api-forge\.io/u.test(typeof type === 'string' ? type : ''))
  return Object.fromEntries(own.map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata['resourceVersion']]))
}
