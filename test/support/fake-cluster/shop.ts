import { stringify } from 'yaml'
import type { KubeObject } from '../../../src/domain/kube.ts'
import { memoryFiles } from '../project-ports.ts'
import { FakeCluster } from './cluster.ts'
import { entryIn, type StoredEntry } from './effect-name.ts'
import { Run } from './run.ts'

const FORGE = {
  version: 1,
  project: 'shop',
  environments: { test: { cluster: { context: 'test' }, namespace: 'shop' } },
  releases: {
    top: { chart: './top', needs: ['base'], values: ['top.yaml'] },
    base: { chart: './base', values: ['base.yaml'] },
  },
  secrets: { login: { files: { password: 'login.txt' } } },
  stages: {
    base: { wait: ['Deployment/base'], timeout: '30s' },
    top: { wait: ['Deployment/top'], timeout: '30s' },
  },
}

/** What a release of the shop is made of. */
export interface Part {
  readonly image?: string
  readonly colour?: string
  readonly more?: readonly KubeObject[]
}

/** Two releases, of which `top` needs `base`, and a secret that the pods of both take. */
export class Shop {
  readonly cluster = new FakeCluster()
  readonly files = memoryFiles({
    'base/Chart.yaml': 'apiVersion: v2\nname: base\nversion: 1.0.0\n',
    'top/Chart.yaml': 'apiVersion: v2\nname: top\nversion: 1.0.0\n',
    'forge.yaml': stringify(FORGE),
    'login.txt': 'a-password-that-is-long-enough',
  })

  constructor() {
    this.set('base', {})
    this.set('top', {})
  }

  /** Another shop that has come to the same point. */
  copy(): Shop {
    const shop = new Shop()
    this.cluster.store.copyTo(shop.cluster.store)
    for (const [path, content] of this.files.contents) shop.files.contents.set(path, content)
    return shop
  }

  set(release: 'base' | 'top', part: Part): this {
    this.files.contents.set(`/p/${release}.yaml`, stringify({ objects: objectsOf(release, part) }))
    return this
  }

  write(file: string, content: string): this {
    this.files.contents.set(`/p/${file}`, content)
    return this
  }

  /** All that a deploy can bring: both releases and the secret. */
  change(image = 'top:2'): this {
    this.set('base', { colour: 'red' }).set('top', { image })
    return this.write('login.txt', 'another-password-long-enough')
  }

  configure(change: (config: typeof FORGE) => object): this {
    return this.write('forge.yaml', stringify(change(FORGE)))
  }

  /** A new process. */
  run(who?: string): Run {
    return new Run(this.cluster, this.files, who)
  }

  /** What a user owns: everything but forge's and helm's own records, pods, and what only counts writes. */
  state(): Record<string, unknown> {
    const own = this.cluster.store.all().filter((object) => OWN.has(object.kind) && isUsers(object))
    return Object.fromEntries(own.map((object) => [`${object.kind}/${object.metadata.name}`, content(object)]))
  }

  /** The same whatever numbers the contents of the secret have: none is ever given twice. */
  unnumbered(): unknown {
    const numbers = /(?<name>forge\.api-forge\.io\/(?:secret-login|revision)":"|\\"password\\":)\d+/gu
    return JSON.parse(JSON.stringify(this.state()).replaceAll(numbers, '$<name>0'))
  }

  /** Newest first. */
  journal(): StoredEntry[] {
    const records = this.cluster.store.all().filter(({ metadata }) => metadata.name.startsWith('forge-journal-shop-'))
    return records.map(entryIn).toSorted((one, other) => other.number - one.number)
  }

  /** Undefined: nobody holds the lock. */
  holder(): string | undefined {
    const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'shop', name: 'forge-shop' }
    const { holderIdentity = '' } = (this.cluster.see(ref)?.['spec'] ?? {}) as { holderIdentity?: string }
    return holderIdentity === '' ? undefined : holderIdentity
  }

  /** By release, newest first: `2 deployed`. */
  history(release: string): string[] {
    const labels = this.cluster.store.all().map(({ metadata }) => metadata.labels ?? {})
    const own = labels.filter((one) => one['owner'] === 'helm' && one['name'] === release)
    const sorted = own.toSorted((one, other) => Number(other['version']) - Number(one['version']))
    return sorted.map((one) => `${one['version'] ?? ''} ${one['status'] ?? ''}`)
  }

  /** The number that the live secret bears. */
  liveRevision(): string | undefined {
    const secret = this.cluster.see({ apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'login' })
    return secret?.metadata.annotations?.['forge.api-forge.io/revision']
  }

  /** Numbers under which contents of the secret are kept. */
  revisions(): string[] {
    return this.cluster.names('Secret').filter((name) => /^forge-login-r\d/u.test(name))
  }
}

const OWN = new Set(['Deployment', 'ConfigMap', 'Secret', 'Job', 'Service'])

function isUsers({ metadata: { name } }: KubeObject): boolean {
  return !name.startsWith('forge-') && !name.startsWith('sh.helm.release.')
}

function content({ metadata, status: _status, ...rest }: KubeObject & { readonly status?: unknown }): unknown {
  const { 'deployment.kubernetes.io/revision': _revision, ...annotations } = metadata.annotations ?? {}
  return { ...rest, labels: metadata.labels, annotations }
}

function objectsOf(name: string, { image = `${name}:1`, colour = 'blue', more = [] }: Part): unknown[] {
  const labels = { 'app.kubernetes.io/name': name }
  const container = {
    name,
    image,
    readinessProbe: { httpGet: { path: '/', port: 80 } },
    envFrom: [{ configMapRef: { name } }, { secretRef: { name: 'login' } }],
  }
  const template = { metadata: { labels }, spec: { containers: [container] } }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { COLOUR: colour } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
    },
    ...more,
  ]
}
