import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { stringify } from 'yaml'
import { canary, type Canary } from './canaries.ts'
import type { Vault } from './sops.ts'
import { webTemplate } from './web-template.ts'

/** A secret in each place that one can stand in, of a project and of its environment. */
export interface SecretShop {
  readonly birds: Readonly<Record<string, Canary>>
  readonly binary: Buffer
  /** The project's files; `round`: each has other secrets, and the earlier ones stay in helm's records and in forge's revisions. */
  readonly files: (round: number) => Promise<Record<string, string>>
  /** Secrets that are made beside it, by somebody else. */
  readonly foreign: Readonly<Record<string, string>>
  /** What somebody else has put where no secret belongs, under names that say nothing. */
  readonly innocent: object
  readonly args: (round: number) => readonly string[]
  /** Files that hold a canary by right. */
  readonly sources: readonly string[]
}

const PLACES = ['file', 'env', 'sops', 'set', 'values', 'default', 'literal', 'partial', 'note', 'arg', 'variable']
const MORE = [
  'setting',
  'config',
  'hook',
  'manifest',
  'manifest-map',
  'url',
  'docker',
  'extra-file',
  'notes',
  'foreign',
  // Called as if it were none: what a round has of it tonight is the project's own.
  'plain-value',
  'plain-variable',
  'plain-note',
  'plain-file',
  'plain-beside',
]
const ROUNDS = 3

export function secretShop(namespace: string, vault: Vault): SecretShop {
  const rounds = Array.from({ length: ROUNDS }, (_, round) => round)
  const names = rounds.flatMap((round) => [...PLACES, ...MORE].map((place) => `${place}-${round}`))
  const birds = Object.fromEntries(names.map((name) => [name, canary(name)]))
  const of = (place: string, round: number): string => birds[`${place}-${round}`]?.value ?? ''
  const keys = rounds.map(() => pem())
  for (const [round, key] of keys.entries()) birds[`key-${round}`] = { name: `key-${round}`, value: lineOf(key) }
  // What is written without its empty bytes is found as it stands.
  const binary = Buffer.from(randomBytes(48).map((byte) => byte || 1))
  return {
    birds,
    binary,
    sources: ['values.yaml', 'secret.txt', 'chart/values.yaml', 'chart/NOTES', 'forge.yaml'],
    foreign: {
      token: of('foreign', 0),
      uri: `mongodb://app:${encodeURIComponent(of('url', 0))}@db.example.test:27017/x`,
    },
    innocent: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'beside', namespace, annotations: { 'acme.test/hook': of('plain-beside', 0) } },
      data: { login: of('plain-beside', 1), 'app.conf': `hook https://example.test/${of('plain-beside', 2)}\n` },
    },
    args: (round) => ['--set-string', `license=${of('set', round).replaceAll(/[\\,]/gu, '\\$&')}`],
    async files(round) {
      return {
        'forge.yaml': forgeYaml(namespace),
        'secret.txt': of('file', round),
        'secret.enc.yaml': await vault.encrypt('secret.enc.yaml', stringify({ token: of('sops', round) })),
        'values.yaml': stringify({
          note: of('note', round),
          smtp: { login: of('plain-value', round) },
          auth: { password: of('values', round) },
          url: `postgres://app:${encodeURIComponent(of('url', round))}@db.example.test:5432/shop`,
          docker: JSON.stringify({ auths: { 'r.example.test': { auth: base64(`u:${of('docker', round)}`) } } }),
          tls: keys[round],
          binary: binary.toString('base64'),
        }),
        ...chartFiles((place) => of(place, round), round),
        'k8s/all.yaml': plain((place) => of(place, round)),
      }
    },
  }
}

function forgeYaml(namespace: string): string {
  return stringify({
    version: 1,
    project: 'shop',
    environments: { test: { cluster: 'sandbox', namespace } },
    releases: { web: { chart: './chart', values: ['values.yaml'] }, plain: { manifests: ['k8s'] } },
    secrets: {
      login: {
        files: {
          file: 'secret.txt',
          env: { env: 'SHOP_TOKEN' },
          sops: { sops: 'secret.enc.yaml', path: 'token' },
        },
      },
    },
    stages: { web: { wait: ['Deployment/web'], timeout: '60s' } },
  })
}

const TEMPLATE = `
apiVersion: v1
kind: Secret
metadata: { name: rendered }
stringData:
  license: {{ .Values.license | quote }}
  password: {{ .Values.auth.password | quote }}
  default: {{ .Values.brought | quote }}
  note: {{ .Values.note | quote }}
  url: {{ .Values.url | quote }}
  file: {{ .Files.Get "extra.txt" | trim | quote }}
data: { binary: {{ .Values.binary }} }
---
apiVersion: v1
kind: Secret
type: kubernetes.io/dockerconfigjson
metadata: { name: registry }
data: { .dockerconfigjson: {{ .Values.docker | b64enc }} }
---
apiVersion: v1
kind: Secret
metadata: { name: key }
stringData: { tls.key: {{ .Values.tls | quote }} }
`

function chartFiles(of: (place: string) => string, round: number): Record<string, string> {
  const web = webTemplate({
    image: `web:${round + 1}`,
    container: [
      `args: [ serve, ${JSON.stringify(`--password=${of('arg')}`)} ]`,
      `env: [ { name: ADMIN_PASSWORD, value: ${JSON.stringify(of('variable'))} }, { name: DATABASE_URL, value: {{ .Values.url | quote }} }, { name: LOGIN, value: ${JSON.stringify(of('plain-variable'))} } ]`,
      'envFrom: [ { secretRef: { name: login } }, { secretRef: { name: rendered } }, { secretRef: { name: foreign } }, { configMapRef: { name: settings } } ]',
    ],
  })
  const hook = { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-weight': '-5' }
  const secrets = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'literal' }, stringData: { token: of('literal') } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', annotations: { 'acme.test/note': of('plain-note') } },
      data: {
        PASSWORD: of('setting'),
        'app.properties': `level=info\nlicence=${of('plain-file')}\ndb.password=${of('config')}\n`,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hook', annotations: hook },
      stringData: { key: of('hook') },
    },
  ]
  return {
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'chart/values.yaml': stringify({ brought: of('default'), license: 'none' }),
    'chart/extra.txt': of('extra-file'),
    'chart/templates/NOTES.txt': `Log in with {{ .Values.auth.password }} or ${of('notes')}\n`,
    'chart/templates/all.yaml': `${web}---${TEMPLATE}---
apiVersion: v1
kind: Secret
metadata: { name: partial }
stringData: { token: {{ printf "%s-%s" .Release.Name ${JSON.stringify(of('partial'))} | quote }} }
`,
    'chart/templates/more.yaml': secrets.map((one) => stringify(one)).join('---\n'),
  }
}

/** Plain objects in the project, secrets as they are. */
function plain(of: (place: string) => string): string {
  const objects = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'plain' }, data: { token: base64(of('manifest')) } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'plain' }, data: { API_KEY: of('manifest-map') } },
  ]
  return objects.map((one) => stringify(one)).join('---\n')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function pem(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** One from its midst: those at its ends are alike in every key. */
function lineOf(key: string): string {
  return key.split('\n')[8] ?? ''
}
