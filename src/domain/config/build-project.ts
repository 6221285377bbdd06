import { buildBackups } from './build-backups.ts'
import { buildSecret, buildVaultSecret } from './build-secret.ts'
import { fileSource, textSource, valueSource } from './build-source.ts'
import { buildTransform } from './build-transform.ts'
import { splitTarget } from './checks.ts'
import { buildRequirements } from './build-requirements.ts'
import { buildStages } from './build-stages.ts'
import { compact } from './compact.ts'
import { parseDuration } from './duration.ts'
import type { ClusterTarget, ConfigMapSpec, DriftPolicy, Environment, Image, Release } from './model.ts'
import type { Check, Notice, Project, ResolvedChart, ValuesFile } from './model.ts'
import { NOTIFY_EVENTS } from '../notify/notice.ts'
import { orderByNeeds } from './order.ts'
import { isMap, type Path } from './path.ts'
import { absolutePath } from './file-path.ts'
import type { Places } from './places.ts'
import type { Position } from './position.ts'
import type { ConfigMapConfig, EnvironmentConfig, ImageConfig, ReleaseConfig, Sections } from './schema.ts'
import { buildVault } from './vault.ts'
import { parseValuePath } from './value-path.ts'

const CHECK_TIMEOUT_MS = 30_000

export interface BuildRequest {
  readonly file: string
  readonly dir: string
  readonly name: string
  readonly environment: { readonly name: string; readonly config: EnvironmentConfig }
  readonly sections: Sections
  readonly places: Places
}

/** The typed project out of checked sections: defaults filled in, each thing with its place. */
export function buildProject({ file, dir, name, environment, sections, places }: BuildRequest): Project {
  const target = buildEnvironment(name, environment, places)
  const releases = new Map(Object.entries(sections.releases ?? {}))
  const ordered = orderByNeeds(new Map([...releases].map(([key, release]) => [key, release.needs ?? []])))
  const order = 'order' in ordered ? ordered.order : [...releases.keys()]
  const secrets = Object.entries(sections.secrets ?? {})
  const inVault = secrets.flatMap(([key, secret]) => buildVaultSecret(key, secret, places) ?? [])
  return compact({
    file,
    dir,
    name,
    environment: target,
    releases: order.flatMap((key) => {
      const release = releases.get(key)
      return release === undefined ? [] : [buildRelease(key, release, { dir, namespace: target.namespace, places })]
    }),
    images: Object.entries(sections.images ?? {}).map(([key, image]) => buildImage(key, image, order, places)),
    secrets: secrets.flatMap(([key, secret]) => (secret.vault === undefined ? buildSecret(key, secret, places) : [])),
    vaultSecrets: inVault.length === 0 ? undefined : inVault,
    stages: buildStages(sections.stages ?? {}, ['stages'], places),
    verify: buildChecks(sections.verify ?? [], places),
    requirements: buildRequirements(sections.requirements ?? {}, places),
    backups: sections.backups === undefined ? undefined : buildBackups(sections.backups, places),
    notify: sections.notify === undefined ? undefined : buildNotices(sections.notify, places),
    components: Object.entries(sections.components ?? {}).map(([key, target]) => ({
      name: key,
      target,
      at: places.of(['components', key]),
    })),
    vault: sections.vault === undefined ? undefined : buildVault(sections.vault, places),
    overrides: { values: [], set: [] },
  })
}

function buildEnvironment(project: string, { name, config }: BuildRequest['environment'], places: Places): Environment {
  const path: Path = ['environments', name]
  return compact({
    name,
    protected: config.protected ?? false,
    cluster: buildCluster(config.cluster),
    namespace: config.namespace ?? project,
    drift: buildDrift(config.drift, [...path, 'drift'], places),
    pullCheck: config.pullCheck === 'refuse' ? undefined : config.pullCheck,
    managedBy: config.managedBy,
    promotes: config.promotes,
    at: places.keyOf(path),
  })
}

function buildCluster(cluster: EnvironmentConfig['cluster']): ClusterTarget {
  if (cluster === 'sandbox') return { sandbox: true }
  if (cluster?.sandbox !== undefined) return { sandbox: true, name: cluster.sandbox }
  return { sandbox: false, ...compact({ context: cluster?.context, uid: cluster?.uid, load: cluster?.load }) }
}

function buildDrift(drift: EnvironmentConfig['drift'], path: Path, places: Places): DriftPolicy {
  if (drift === undefined || typeof drift === 'string') return { policy: policyOf(drift), preserve: [] }
  const preserve = (drift.preserve ?? []).flatMap((entry, index) => {
    const [, kind, name, field] = /^([^/]+)\/([^:]+):(.+)$/u.exec(entry) ?? []
    const at = places.of([...path, 'preserve', index])
    return kind === undefined || name === undefined || field === undefined ? [] : [{ kind, name, field, at }]
  })
  return { policy: policyOf(drift.policy), preserve }
}

/** Plans and journals know it by its first name. */
function policyOf(written: 'refuse' | 'report' | 'overwrite' | undefined): DriftPolicy['policy'] {
  return written === 'overwrite' ? 'overwrite' : 'report'
}

interface ReleaseContext {
  readonly dir: string
  readonly namespace: string
  readonly places: Places
}

function buildRelease(name: string, release: ReleaseConfig, { dir, namespace, places }: ReleaseContext): Release {
  const path: Path = ['releases', name]
  const { takesOver } = release
  const plain = buildPlain(release, path, places)
  return compact({
    name,
    chart: buildChart(release, plain, { dir, path, places }),
    plain,
    namespace: release.namespace ?? namespace,
    namespaceLabels:
      release.createNamespace === undefined
        ? undefined
        : { labels: release.createNamespace.labels, at: places.keyOf([...path, 'createNamespace']) },
    values: (release.values ?? []).map((written, index) => buildValues(written, places.of([...path, 'values', index]))),
    set: Object.entries(release.set ?? {}).map(([key, raw]) => ({
      path: parseValuePath(key) ?? [key],
      source: valueSource(raw, [...path, 'set', key], places),
      asString: isMap(raw) && raw['as'] === 'string',
    })),
    // Whoever applies plain manifests applies the definitions among them, each time.
    crds: release.crds ?? (plain === undefined ? 'create' : 'update'),
    needs: release.needs ?? [],
    schema: release.schema,
    ignoreVolatile: release.ignoreVolatile ?? false,
    configMaps: Object.entries(release.configMaps ?? {}).map(([key, map]) =>
      buildConfigMap(key, map, [...path, 'configMaps', key], places),
    ),
    stages: release.stages === undefined ? undefined : buildStages(release.stages, [...path, 'stages'], places),
    takesOver: typeof takesOver === 'string' ? [takesOver] : (takesOver ?? []),
    at: places.keyOf(path),
  })
}

function buildValues(written: NonNullable<ReleaseConfig['values']>[number], at: Position): ValuesFile {
  if (typeof written === 'string') return { file: written, at }
  return { file: written.yaml, path: parseValuePath(written.path) ?? [written.path], at }
}

function buildPlain({ manifests, kustomization }: ReleaseConfig, path: Path, places: Places): Release['plain'] {
  if (kustomization !== undefined)
    return { kind: 'kustomization', paths: [{ path: kustomization, at: places.of([...path, 'kustomization']) }] }
  if (manifests === undefined) return undefined
  const at = [...path, 'manifests']
  const paths =
    typeof manifests === 'string'
      ? [{ path: manifests, at: places.of(at) }]
      : manifests.map((one, index) => ({ path: one, at: places.of([...at, index]) }))
  return { kind: 'manifests', paths }
}

function buildChart(
  release: ReleaseConfig,
  plain: Release['plain'],
  { dir, path, places }: { readonly dir: string; readonly path: Path; readonly places: Places },
): ResolvedChart {
  const { chart = '', repository, version } = release
  const [first] = plain?.paths ?? []
  // Until it is made (flows/project/plain.ts).
  if (first !== undefined) return { chart: absolutePath(dir, first.path), local: true, at: first.at }
  const local = repository === undefined && !chart.startsWith('oci://')
  return compact({
    chart: local ? absolutePath(dir, chart) : chart,
    local,
    repository,
    version,
    at: places.of([...path, 'chart']),
  })
}

function buildConfigMap(name: string, map: ConfigMapConfig, path: Path, places: Places): ConfigMapSpec {
  const named = (list: readonly string[] | undefined, field: string) =>
    (list ?? []).map((key, index) => ({ key, at: places.of([...path, field, index]) }))
  return compact({
    name,
    dotenv: map.dotenv === undefined ? undefined : { file: map.dotenv, at: places.of([...path, 'dotenv']) },
    set: Object.entries(map.set ?? {}).map(([key, raw]) => ({
      key,
      source: textSource(raw, [...path, 'set', key], places),
    })),
    omit: named(map.omit, 'omit'),
    allow: named(map.allow, 'allow'),
    files: Object.entries(map.files ?? {}).map(([key, raw]) => {
      const at = [...path, 'files', key]
      const transform = buildTransform(isMap(raw) ? raw.transform : undefined, [...at, 'transform'], places)
      return { key, source: fileSource(raw, at, places), transform }
    }),
    at: places.keyOf(path),
  })
}

function buildImage(name: string, image: ImageConfig, releases: readonly string[], places: Places): Image {
  const { build, ref } = image
  const to = typeof image.to === 'string' ? [image.to] : (image.to ?? [])
  return compact({
    name,
    from: buildFrom(build, ref, ['images', name, 'build'], places),
    repository: image.repository,
    also: image.also,
    to: to.map((target, index) => {
      const { release, value } = splitTarget(target)
      const at = places.of(typeof image.to === 'string' ? ['images', name, 'to'] : ['images', name, 'to', index])
      return { release: release ?? releases[0] ?? '', path: parseValuePath(value) ?? [value], at }
    }),
    at: places.keyOf(['images', name]),
  })
}

function buildFrom(build: ImageConfig['build'], ref: string | undefined, path: Path, places: Places): Image['from'] {
  if (ref !== undefined) return { kind: 'ref', ref }
  if (build?.compose !== undefined) return { kind: 'compose', file: build.compose, service: build.service ?? '' }
  const { context, dockerfile, target, args, secrets, platforms, ssh, cacheFrom, cacheTo } = build ?? {}
  return compact({
    kind: 'build' as const,
    context: context ?? '.',
    dockerfile: dockerfile ?? 'Dockerfile',
    target,
    args: Object.entries(args ?? {}).map(([name, raw]) => ({
      name,
      source: textSource(raw, [...path, 'args', name], places),
    })),
    secrets: Object.entries(secrets ?? {}).map(([id, raw]) => ({
      id,
      source: fileSource(raw, [...path, 'secrets', id], places),
    })),
    platforms: platforms ?? [],
    ssh: ssh ?? [],
    cacheFrom: cacheFrom ?? [],
    cacheTo: cacheTo ?? [],
  })
}

function buildNotices(notices: NonNullable<Sections['notify']>, places: Places): Notice[] {
  return notices.map(({ webhook, on }, index) => ({
    source: fileSource(webhook, ['notify', index, 'webhook'], places),
    on: on ?? NOTIFY_EVENTS,
    at: places.of(['notify', index]),
  }))
}

function buildChecks(checks: NonNullable<Sections['verify']>, places: Places): Check[] {
  return checks.map(({ http }, index) => ({
    kind: 'http',
    service: http.service,
    port: http.port,
    path: http.path ?? '/',
    status: http.status ?? 200,
    timeoutMs: parseDuration(http.timeout ?? '') ?? CHECK_TIMEOUT_MS,
    at: places.of(['verify', index]),
  }))
}
