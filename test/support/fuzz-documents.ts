import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { entry } from './journal-entry.ts'
import { ROOT } from './forge.ts'
import { shopText } from './fuzz-shop.ts'

const file = async (path: string): Promise<string> => await readFile(join(ROOT, path), 'utf8')
const pair = await secretMaker.authority({ name: 'root', now: Date.parse('2026-11-20T12:00:00Z'), days: 10 })

export const PAIR = pair

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: prod
clusters: [{ name: c, cluster: { server: "https://10.0.0.1:6443", certificate-authority-data: ${btoa(pair.certificate)} } }]
contexts: [{ name: prod, context: { cluster: c, user: u, namespace: shop } }]
users:
  - name: u
    user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [get-token], interactiveMode: Never } }
  - name: other
    user: { token: abc, client-certificate-data: ${btoa(pair.certificate)}, client-key-data: ${btoa(pair.key)} }
`

const MANIFEST = `---
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app.kubernetes.io/name: web }, annotations: { "helm.sh/hook": "pre-upgrade,post-install", "helm.sh/hook-weight": "-5" } }
spec:
  template:
    spec:
      containers: [{ name: web, image: "ghcr.io/acme/web:1", env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }] }]
---
apiVersion: v1
kind: List
items: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { b: c } }]
`

const RECORD = JSON.stringify({
  name: 'shop',
  info: { status: 'deployed', description: 'Upgrade complete', first_deployed: '2026-11-20T12:00:00Z' },
  chart: { metadata: { name: 'shop', version: '1.2.3', appVersion: '1' } },
  config: { app: { replicas: 2 } },
  manifest: MANIFEST,
  hooks: [{ name: 'migrate', kind: 'Job', manifest: 'kind: Job', events: ['pre-upgrade'] }],
  apply_method: 'ssa',
})

const ENTRY = JSON.stringify(
  entry(3, 'deployed', {
    endedAt: '2026-11-20T12:05:00.000Z',
    releases: [
      { name: 'shop', namespace: 'n', revisionBefore: 1, revisionAfter: 2, chart: { name: 'shop', version: '1.0.0' } },
    ],
    secrets: [{ name: 's', revisionBefore: 1, revisionAfter: 2 }],
    steps: [{ name: 'upgrade', outcome: 'done', startedAt: '2026-11-20T12:00:01.000Z' }],
    verdict: {
      code: 'V_CRASH_LOOP',
      message: 'web crashes',
      chain: ['Deployment/web'],
      hint: { kind: 'kubectl', args: ['logs'] },
      log: ['x'],
    },
    configuration: {
      releases: [{ name: 'shop', chart: '/chart', values: { a: 1 } }],
      stages: [
        { name: 'app', wait: ['Deployment/app'], optional: [], timeoutMs: 1, at: { file: 'f', line: 1, column: 1 } },
      ],
      verify: [],
    },
  } as unknown as Parameters<typeof entry>[2]),
)

const PLAN = JSON.stringify({
  apiVersion: 'forge/v1',
  kind: 'Plan',
  version: 1,
  project: 'demo',
  environment: 'dev',
  namespace: 'demo-ns',
  cluster: 'c',
  createdAt: '2026-11-20T11:00:00.000Z',
  live: null,
  drift: 'refuse',
  unchanged: false,
  releases: [],
  objects: [],
  secrets: [],
  basis: {
    values: ['v.yaml'],
    set: ['a=b'],
    setString: [],
    setJson: [],
    setFile: [],
    images: { app: 'x:1' },
    drift: { policy: 'refuse', preserve: [] },
    releases: [{ name: 'shop', latest: '1 deployed', way: 'apply', objects: [{ object: 'ConfigMap/a', digest: 'd' }] }],
    secrets: [{ name: 's', action: 'update', keys: ['k'], revision: 2 }],
    preconditions: [
      { ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'demo-ns', name: 'a' }, uid: 'u', state: 's' },
    ],
  },
})

const LOG = `2026-11-20T12:00:00Z starting
{"level":"error","dsn":"postgres://app:hunter2%28@db/x","token":"c2VjcmV0LXBhc3N3b3Jk"}
\u001B[31mfailed\u001B[0m ::error::x ##[group] secret-password-1234 c2VjcmV0LXBhc3N3b3JkLTEyMzQ= \u00e4 50%
`

/** Real documents, by who reads them. */
export const DOCUMENTS = {
  config: [shopText, await file('examples/api-forge/forge.yaml'), await file('examples/failures/forge.yaml')],
  values: [await file('examples/api-forge/deploy/values.yaml'), 'a: &x { b: 1 }\nc: { <<: *x, d: [1, yes, 0644] }\n'],
  dotenv: [
    await file('examples/api-forge/.env'),
    'export A="x\\ny" # c\nB=\'y\'\nC=`z`\nD: ${A}\nPASSWORD=hunter2-hunter2\n',
  ],
  compose: [await file('examples/api-forge/docker-compose.prod.yml')],
  hba: [await file('examples/api-forge/infra/docker/prod/postgres/pg_hba.conf')],
  kubeconfig: [KUBECONFIG],
  journal: [ENTRY],
  record: [RECORD],
  manifest: [MANIFEST],
  plan: [PLAN],
  log: [LOG],
  pem: [pair.certificate, pair.key, `${pair.certificate}${pair.key}`],
  chart: [
    'apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies: [{ name: db, version: ~1.2.0, repository: "file://../db", condition: db.enabled }]\n',
  ],
  ignore: ['*.tmp\n!keep\nsrc/\n/a[b-d]?.txt\n\\#x\n'],
  set: ['a.b[0].c=1,d={x,y},e=null', 'web:image.tag="1"', 'a\\.b=c,f=0x10', '{"a":1}'],
} as const
