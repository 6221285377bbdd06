import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { keyOf, nameOf, type KubeObject } from '../../../src/domain/kube.ts'
import { parseManifest } from '../../../src/domain/manifest/parse.ts'
import { writeYaml } from '../../../src/domain/manifest/write-yaml.ts'
import { ForgeError } from '../../../src/errors.ts'
import { helm } from '../../../src/hint.ts'
import type { Charts, Guard } from '../../../src/ports.ts'
import { RESOURCES, type FakeCluster } from './cluster.ts'
import type { Effects } from './effects.ts'
import { helmRecords, readRecord, recordOf, type Written } from './helm-records.ts'

const PENDING = ['pending-install', 'pending-upgrade', 'pending-rollback']
const TRAITS = { varies: false, asksForApis: false, calls: [], looksUp: false, lookups: [] }

/** One call of helm: how it is named among the effects, whose lock it minds, and what stops it. */
interface Call {
  readonly name: string
  readonly guard: Guard | undefined
  readonly signal?: AbortSignal
}

/**
 * helm 4 for one run of forge. A chart renders what its values have below `objects`. Every write is an effect of its own: a
 * helm that is cut off, or whose forge is dead, leaves its release pending; one that meets an error writes down that it failed.
 */
export class FakeHelm implements Charts {
  readonly version = '4.3.0'
  readonly major = 4
  readonly #cluster: FakeCluster
  readonly #effects: Effects

  constructor(cluster: FakeCluster, effects: Effects) {
    this.#cluster = cluster
    this.#effects = effects
  }

  render: Charts['render'] = async ({ chart, values }) => {
    await this.#effects.alive()
    return rendered(basename(chart.chart), values)
  }

  renderAfter: Charts['renderAfter'] = () => Promise.resolve(undefined)
  definitions: Charts['definitions'] = () => Promise.resolve('')
  traits: Charts['traits'] = () => Promise.resolve(TRAITS)
  defaults: Charts['defaults'] = () => Promise.resolve('')
  defaultFiles: Charts['defaultFiles'] = () => Promise.resolve([])
  recordSize: Charts['recordSize'] = () => Promise.resolve(1000)

  upgrade: Charts['upgrade'] = async (request, signal) => {
    const { release, namespace, chart, values, rewrite, guard } = request
    const call = { name: `helm upgrade ${release}`, guard, signal }
    const history = this.#history(release, namespace)
    const [newest] = history
    if (newest !== undefined && PENDING.includes(newest.info.status)) throw busy()
    const before = history.find(({ info }) => info.status === 'deployed') ?? newest
    const manifest = rewrite === undefined ? rendered(basename(chart.chart), values) : postRendered(rewrite, namespace)
    const status = newest === undefined ? 'pending-install' : 'pending-upgrade'
    const next = this.#next(request.release, namespace, history, {
      status,
      manifest,
      config: values,
      chart: basename(chart.chart),
    })
    await this.#finish(next, before?.manifest ?? '', history, call)
    return { revision: next.version }
  }

  rollback: Charts['rollback'] = async ({ release, namespace, revision, guard }) => {
    const call = { name: `helm rollback ${release}`, guard }
    const history = this.#history(release, namespace)
    const target = history.find(({ version }) => version === revision)
    if (target === undefined) throw failed(`release has no ${revision} revision`)
    const { manifest, config, chart } = target
    const next = this.#next(release, namespace, history, {
      status: 'pending-rollback',
      manifest,
      config,
      chart: chart.metadata.name,
    })
    await this.#finish(next, history[0]?.manifest ?? '', history, call)
  }

  uninstall: Charts['uninstall'] = async (release, namespace, guard) => {
    const call = { name: `helm uninstall ${release}`, guard }
    const history = this.#history(release, namespace)
    const [newest] = history
    if (newest === undefined) throw failed(`Release not loaded: ${release}: release: not found`)
    await this.#record({ ...newest, info: { ...newest.info, status: 'uninstalling' } }, call)
    for (const object of objectsIn(newest.manifest, namespace))
      if (this.#cluster.store.get(object) !== undefined) await this.#remove(object, call)
    // The oldest first (pkg/action, purgeReleases): as long as there is any, the newest says how it stands.
    for (const record of history.toReversed()) {
      await this.#write(`${call.name}: forget revision ${record.version}`, call, () =>
        this.#cluster.store.remove(recordOf(record)),
      )
    }
  }

  /** From a pending record to a deployed one, or to a failed one. */
  async #finish(next: Written, before: string, history: readonly Written[], call: Call): Promise<void> {
    await this.#record(next, call)
    try {
      await this.#change(next, before, call)
    } catch (error) {
      // It has been cut off, or forge itself is broken: then nobody writes down how it ended.
      const isTold = error instanceof ForgeError && error.code !== 'E_LOCK_LOST'
      if (isTold) this.#store(ended(next, 'failed', error.message))
      throw error
    }
    for (const record of history.filter(({ info }) => info.status === 'deployed'))
      await this.#record(ended(record, 'superseded', 'superseded'), call)
    await this.#record(ended(next, 'deployed', 'complete'), call)
  }

  async #change({ manifest, name, namespace }: Written, before: string, call: Call): Promise<void> {
    const { store } = this.#cluster
    const objects = objectsIn(manifest, namespace).map((object) => marked(object, name, namespace))
    const known = new Set(objectsIn(before, namespace).map(keyOf))
    // What no helm has applied yet is known by the revision before.
    for (const object of objectsIn(before, namespace)) store.know(object, 'helm')
    for (const object of objects) {
      const live = store.get(object)
      // pkg/action, existingResourceConflict: of what it does not know itself helm wants to see the marks.
      const owner = live?.metadata.annotations?.['meta.helm.sh/release-name']
      if (live !== undefined && !known.has(keyOf(object)) && owner !== name)
        throw failed(`${nameOf(object)} exists and cannot be imported: its release-name is ${owner ?? 'not set'}`)
      const next = store.applied(object, 'helm')
      if (live !== undefined && isDeepStrictEqual(plain(next), plain(live))) store.apply(object, 'helm')
      else await this.#write(`${call.name}: ${nameOf(object)}`, call, () => store.apply(object, 'helm'))
    }
    const wanted = new Set(objects.map(keyOf))
    for (const object of objectsIn(before, namespace))
      if (!wanted.has(keyOf(object)) && store.get(object) !== undefined) await this.#remove(object, call)
  }

  async #remove(object: KubeObject, call: Call): Promise<void> {
    await this.#write(`${call.name}: delete ${nameOf(object)}`, call, () => this.#cluster.store.remove(object))
  }

  async #record(content: Written, call: Call): Promise<void> {
    await this.#write(`${call.name}: revision ${content.version} ${content.info.status}`, call, () =>
      this.#store(content),
    )
  }

  async #write(name: string, { guard, signal }: Call, act: () => void): Promise<void> {
    await this.#effects.alive()
    await guard?.()
    await this.#effects.perform(name, act)
    signal?.throwIfAborted()
  }

  #store(content: Written): void {
    this.#cluster.store.put(recordOf(content))
  }

  #history(release: string, namespace: string): Written[] {
    return helmRecords(this.#cluster.store, release, namespace).map(readRecord)
  }

  #next(
    name: string,
    namespace: string,
    [newest, ...older]: readonly Written[],
    given: Pick<Written, 'manifest' | 'config'> & { readonly status: string; readonly chart: string },
  ): Written {
    const { status, manifest, config, chart } = given
    const first = older.at(-1) ?? newest
    const now = new Date(this.#cluster.clock.now()).toISOString()
    return {
      ...{ name, namespace, manifest, config, hooks: [], apply_method: 'ssa' },
      version: (newest?.version ?? 0) + 1,
      info: { status, description: status, first_deployed: first?.info.first_deployed ?? now },
      chart: { metadata: { name: chart, version: '1.0.0' } },
    }
  }
}

function rendered(chart: string, { objects = [] }: Readonly<Record<string, unknown>>): string {
  const list = objects as readonly KubeObject[]
  return list.map((object) => documentOf(object, `${chart}/templates/objects.yaml`)).join('')
}

const FILENAME = 'postrenderer.helm.sh/postrender-filename'

/** helm 4 tells a post-renderer by an annotation which template an object is of, and takes it off again. */
function postRendered(text: string, namespace: string): string {
  return parseManifest(text, namespace, isNamespaced)
    .map(({ object, template }) => {
      const { annotations = {}, ...metadata } = object.metadata
      const { [FILENAME]: _filename, ...own } = annotations
      const left = Object.keys(own).length === 0 ? {} : { annotations: own }
      return documentOf({ ...object, metadata: { ...metadata, ...left } }, template)
    })
    .join('')
}

function documentOf(object: KubeObject, template: string): string {
  return `---\n# Source: ${template}\n${writeYaml(object)}`
}

function isNamespaced({ kind }: { readonly kind: string }): boolean {
  return RESOURCES.find((one) => one.kind === kind)?.namespaced ?? true
}

function objectsIn(manifest: string, namespace: string): KubeObject[] {
  return parseManifest(manifest, namespace, isNamespaced).map(({ object }) => object)
}

/** As helm marks whatever it writes (pkg/action, setMetadataVisitor). */
function marked(object: KubeObject, release: string, namespace: string): KubeObject {
  const { metadata } = object
  const labels = { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' }
  const owner = { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace }
  return { ...object, metadata: { ...metadata, labels, annotations: { ...metadata.annotations, ...owner } } }
}

function plain({
  metadata: { resourceVersion: _version, generation: _generation, ...metadata },
  ...rest
}: KubeObject): object {
  return { ...rest, metadata }
}

function ended(content: Written, status: string, description: string): Written {
  return { ...content, info: { ...content.info, status, description } }
}

function busy(): ForgeError {
  return failed('another operation (install/upgrade/rollback) is in progress')
}

function failed(reason: string): ForgeError {
  return new ForgeError('E_HELM', reason, { hint: helm(['list', '--all']) })
}
