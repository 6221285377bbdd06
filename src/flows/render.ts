import { writeYaml } from '../domain/manifest/write-yaml.ts'
import { absolutePath, relativeTo } from '../domain/config/file-path.ts'
import type { Project, Release } from '../domain/config/model.ts'
import type { KubeObject } from '../domain/kube.ts'
import { itemsOf } from '../domain/manifest/list.ts'
import { parseManifest, readManifest } from '../domain/manifest/parse.ts'
import { withoutSecretValues } from '../domain/manifest/secret-values.ts'
import { quotedManifest } from '../screen/quoted-manifest.ts'
import { loadHelmYaml, splitDocuments } from '../domain/manifest/yaml.ts'
import { withChartDefaults } from '../domain/values/chart-defaults.ts'
import type { ReleaseConfiguration } from '../domain/values/model.ts'
import type { Redactor } from '../domain/redact/redactor.ts'
import { explainWhy, type Why } from '../domain/values/why.ts'
import { nearest } from '../domain/config/nearest.ts'
import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import type { Charts } from '../ports.ts'
import { concealing } from './conceal.ts'
import type { ProjectPorts } from './project/ports.ts'

export interface RenderPorts extends ProjectPorts {
  readonly charts: Pick<Charts, 'render'>
}

export interface WhyPorts extends ProjectPorts {
  readonly charts: Pick<Charts, 'defaultFiles'>
}

/** For `--why`: images that a deploy builds have no reference yet, but it is known who gives it. */
export function imagesToBe({ images }: Project): Record<string, string> {
  return Object.fromEntries(
    images.flatMap(({ name, from, repository }) =>
      from.kind === 'ref' ? [] : [[name, `${repository ?? name}:(built by forge deploy)`]],
    ),
  )
}

export interface RenderedRelease {
  readonly release: string
  readonly manifest: string
}

/** The manifests as a first install would render them; no cluster is asked. */
export async function renderProject(
  project: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  { charts, signal }: RenderPorts,
): Promise<readonly RenderedRelease[]> {
  const rendered: RenderedRelease[] = []
  for (const { name: release, chart, namespace } of project.releases) {
    const { values = {}, wholeNumbers } = configuration.get(release) ?? {}
    const request = { release, namespace, chart, values, wholeNumbers, isUpgrade: false, revision: 1 }
    const manifest = await charts.render(request, signal)
    rendered.push({ release, manifest })
  }
  return rendered
}

export interface ShownRelease extends RenderedRelease {
  /** Secrets that are in it without their values. */
  readonly withheld: readonly string[]
}

/** The same for people and files. `showSecrets`: with the values of the Secrets that charts render. */
export async function renderShown(
  project: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  { redactor, ...ports }: RenderPorts & { readonly redactor: Pick<Redactor, 'conceal'> },
  showSecrets: boolean,
): Promise<readonly ShownRelease[]> {
  const rendered = await concealing([...configuration.values()], redactor, async () => {
    const found = await renderProject(project, configuration, ports)
    const objects = found.flatMap(({ manifest }) =>
      readManifest(manifest, '', () => true).rendered.map(({ object }) => object),
    )
    return { found, objects }
  })
  return rendered.map((one) =>
    showSecrets ? { ...one, withheld: [] } : { ...one, ...withoutSecretValues(one.manifest) },
  )
}

/** What there is to say about Secrets that are shown without their values. */
export function withheldNote(rendered: readonly ShownRelease[]): string | undefined {
  const names = rendered.flatMap(({ withheld }) => withheld.map((name) => `Secret/${name}`))
  if (names.length === 0) return undefined
  return `${names.join(', ')}: without values; --out DIR --show-secrets writes them too`
}

/** As they may be printed. */
export function quotedReleases(rendered: readonly ShownRelease[]): readonly ShownRelease[] {
  return rendered.map((one) => ({ ...one, manifest: quotedManifest(one.manifest) }))
}

/** What runs somewhere is nobody else's business. */
const MODE = 0o600

/** One file per object: `OUT/RELEASE/kind-name.yaml`; in the order of their paths. */
export function manifestFiles(
  rendered: readonly RenderedRelease[],
  out: string,
  { files }: Pick<RenderPorts, 'files'>,
): ReadonlyMap<string, string> {
  const folder = files.resolve(out)
  const all = rendered.flatMap(({ release, manifest }) => [...splitObjects(release, manifest)])
  const named = all.map(([path, text]): [string, string] => [absolutePath(folder, path), text])
  return new Map(named.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

export async function writeManifests(
  written: ReadonlyMap<string, string>,
  { files }: Pick<RenderPorts, 'files'>,
): Promise<void> {
  for (const [path, text] of written) await files.write(path, text, MODE)
}

/** Whether a file of that beginning is one of these. */
export function isRenderedFile(head: string): boolean {
  return head.startsWith(SOURCE)
}

/** As helm says where an object comes from. */
const SOURCE = '# Source: '

/** Path (`RELEASE/kind-name.yaml`) → the text of the object. */
export function splitObjects(release: string, manifest: string): Map<string, string> {
  const objects = new Map<string, string>()
  for (const part of splitDocuments(manifest)) {
    const parsed = parseManifest(part, '', () => true)
    const isList = itemsOf(loadHelmYaml(part).value) !== undefined
    for (const { object, template } of parsed) {
      const { kind, metadata } = object
      const base = `${release}/${kind.toLowerCase()}-${metadata.name}`
      // Two kinds of one name (API groups), or two namespaces.
      let path = `${base}.yaml`
      for (let copy = 2; objects.has(path); copy += 1) path = `${base}-${copy}.yaml`
      const text = isList ? itemText(object) : `${part.trim()}\n`
      // A post-renderer may have left the comment out.
      objects.set(path, text.startsWith(SOURCE) ? text : `${SOURCE}${template === '' ? release : template}\n${text}`)
    }
  }
  return objects
}

/** Of a list, which helm takes apart. */
function itemText({ metadata: { namespace, ...metadata }, ...fields }: KubeObject): string {
  return writeYaml({ ...fields, metadata: namespace === '' ? metadata : { ...metadata, namespace } })
}

export interface ReleaseWhy extends Why {
  readonly release: string
}

/** Where a chart value comes from. `path` may begin with `RELEASE:`. Throws E_USAGE when no layer has it. */
export async function whyValue(
  path: string,
  project: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  ports: WhyPorts,
): Promise<readonly ReleaseWhy[]> {
  const { releases, value } = chooseReleases(path, project)
  const found: ReleaseWhy[] = []
  const known: string[] = []
  for (const release of releases) {
    const given = configuration.get(release.name) ?? { values: {}, origins: new Map<never, never>() }
    const files = await ports.charts.defaultFiles(release.chart, ports.signal)
    const texts = files.map(({ path: at, ...file }) => ({ ...file, shown: relativeTo(project.dir, at) }))
    const { origins, defaults } = withChartDefaults(texts, given)
    found.push(...explainWhy(value, origins, defaults).map((why) => ({ release: release.name, ...why })))
    known.push(...origins.keys(), ...defaults.keys())
  }
  if (found.length > 0) return found
  const meant = nearest(value, known)
  throw new ForgeError(
    'E_USAGE',
    `no layer has the value ${value}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    {
      hint: forge('render', '--env', project.environment.name, ...(meant === undefined ? [] : ['--why', meant])),
      where: '--why',
    },
  )
}

function chooseReleases(path: string, project: Project): { releases: readonly Release[]; value: string } {
  const [, name, value] = /^([a-z0-9-]+):(.*)$/su.exec(path) ?? []
  if (name === undefined || value === undefined) return { releases: project.releases, value: path }
  const release = project.releases.find((one) => one.name === name)
  if (release !== undefined) return { releases: [release], value }
  const names = project.releases.map((one) => one.name)
  throw new ForgeError('E_RELEASE_UNKNOWN', `forge.yaml has no release "${name}"; there is ${names.join(', ')}`, {
    hint: forge('render', '--env', project.environment.name, '--why', value),
    where: '--why',
  })
}
