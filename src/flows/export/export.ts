import { argoFiles } from '../../domain/export/argocd.ts'
import { isSealed, MARK } from '../../domain/export/mark.ts'
import { fluxFiles, type FluxSource } from '../../domain/export/flux.ts'
import type { ExportedFile, ExportedProject, ExportTarget } from '../../domain/export/model.ts'
import { namespaceObject } from '../../domain/export/namespace.ts'
import type { Project, Release } from '../../domain/config/model.ts'
import type { Redactor } from '../../domain/redact/redactor.ts'
import { writeYaml } from '../../domain/manifest/write-yaml.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import { ForgeError } from '../../errors.ts'
import type { ExportFolder, Repository, Sealer } from '../../export-port.ts'
import { again } from '../../hint.ts'
import { labelsOf } from '../project/namespace-labels.ts'
import { resolveConfiguration } from '../project/configuration.ts'
import { withPlainCharts } from '../project/plain.ts'
import type { RenderPorts } from '../render.ts'
import { exportedReleases } from './charts.ts'
import { refuseUnknown } from './refused.ts'
import { renderedFiles } from './rendered.ts'
import { secretFiles, type SecretsWay } from './secrets.ts'
import { hooksIn, unwaitedFor, wholeNumberWarnings } from './warnings.ts'

export interface ExportRequest {
  readonly to: ExportTarget
  readonly secrets: SecretsWay | undefined
  readonly source: FluxSource
  /** For Argo CD, where `origin` is not what it reads. */
  readonly repoUrl: string | undefined
  readonly revision: string
  /** Writes nothing. */
  readonly check: boolean
}

export interface ExportPorts extends RenderPorts {
  readonly folder: ExportFolder
  readonly repository: (dir: string) => Promise<Repository | undefined>
  readonly sealer: Sealer
  readonly redactor: Redactor
}

export interface ExportReport {
  readonly to: ExportTarget
  readonly environment: string
  /** From the folder, sorted. */
  readonly files: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * What a controller needs to deploy the project from Git. Everything is worked out before the first file is written. Throws
 * E_EXPORT, E_FILE_UNWRITABLE, E_USAGE and what resolving and rendering a project throw.
 */
export async function exportProject(given: Project, request: ExportRequest, ports: ExportPorts): Promise<ExportReport> {
  refuseUnknown(given)
  const project = await withPlainCharts(given, ports)
  const configuration = await resolveConfiguration(project, ports)
  const before = await ports.folder.written()
  const { files, warnings } = await filesOf(project, configuration, request, ports)
  const secrets = await secretFiles(project, request.secrets, before, ports)
  const all = new Map([...files, ...secrets.files])
  all.set('kustomization.yaml', kustomization([...all.keys()]))
  // sops takes a comment for a part of what it proves.
  const texts = new Map([...all].map(([path, text]) => [path, isSealed(path) ? text : `${MARK}\n${text}`]))
  refuseOthers(await ports.folder.taken([...texts.keys()].filter((path) => !before.has(path))))
  const changed = [...texts].filter(([path, text]) => before.get(path) !== text).map(([path]) => path)
  const removed = [...before.keys()].filter((path) => !texts.has(path))
  if (!request.check) await ports.folder.write(new Map(changed.map((path) => [path, texts.get(path) ?? ''])), removed)
  return {
    to: request.to,
    environment: project.environment.name,
    files: [...texts.keys()].toSorted(),
    changed: changed.toSorted(),
    removed: removed.toSorted(),
    warnings: [...warnings, ...secrets.warnings],
  }
}

type Texts = ReadonlyMap<string, string>

async function filesOf(
  project: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  request: ExportRequest,
  ports: ExportPorts,
): Promise<{ readonly files: Texts; readonly warnings: readonly string[] }> {
  const spaces = textsOf(namespacesOf(project))
  if (request.to === 'kustomize') {
    const rendered = await renderedFiles(project, configuration, ports)
    return { files: new Map([...spaces, ...rendered.files]), warnings: hooksIn(rendered.objects) }
  }
  // Plain objects need no helm of the controller's.
  const isPlain = ({ plain }: Release): boolean => plain !== undefined
  const plain = { ...project, releases: project.releases.filter(isPlain) }
  const charts = { ...project, releases: project.releases.filter((one) => !isPlain(one)) }
  const rendered = await renderedFiles(plain, configuration, ports)
  const repository = await ports.repository(project.dir)
  const exported: ExportedProject = {
    namespace: project.environment.namespace,
    releases: exportedReleases(charts, configuration, repository),
    preserve: project.environment.drift.preserve,
    timeoutSeconds: timeoutOf(project),
  }
  const files =
    request.to === 'flux'
      ? fluxFiles(exported, request.source)
      : argoFiles(exported, { repoUrl: addressOf(exported, request, repository), revision: request.revision })
  return {
    files: new Map([...spaces, ...rendered.files, ...textsOf(files)]),
    warnings: [
      ...(await wholeNumberWarnings(charts, configuration, ports)),
      ...hooksIn(rendered.objects),
      ...unwaitedFor(charts.releases, plain.releases),
    ],
  }
}

function textsOf(files: readonly ExportedFile[]): Texts {
  return new Map(files.map(({ path, object }) => [path, writeYaml(object)]))
}

function namespacesOf({ environment, releases }: Project): ExportedFile[] {
  const names = [...new Set([environment.namespace, ...releases.map(({ namespace }) => namespace)])]
  return names.map((name) => ({
    path: `namespace-${name}.yaml`,
    object: namespaceObject(name, labelsOf(name, releases)),
  }))
}

const LEAST_SECONDS = 300

function timeoutOf({ stages }: Project): number {
  return Math.max(LEAST_SECONDS, Math.ceil(stages.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0) / 1000))
}

/** Argo CD has no name for a repository. */
function addressOf(
  { releases }: ExportedProject,
  { repoUrl }: ExportRequest,
  repository: Repository | undefined,
): string {
  const address = repoUrl ?? repository?.address
  if (address !== undefined || releases.every(({ chart }) => chart.kind !== 'git')) return address ?? ''
  throw new ForgeError('E_USAGE', 'the repository has no remote "origin" that Argo CD could read it from', {
    hint: again('--repo', 'https://HOST/PATH.git'),
    where: '--repo',
  })
}

function kustomization(paths: readonly string[]): string {
  const apiVersion = 'kustomize.config.k8s.io/v1beta1'
  // A folder with a kustomization of its own is named as a whole.
  const folders = paths
    .filter((path) => path.endsWith('/kustomization.yaml'))
    .map((path) => path.replace(/\/[^/]+$/u, ''))
  const within = (path: string): boolean => folders.some((folder) => path.startsWith(`${folder}/`))
  const resources = [...paths.filter((path) => !within(path)), ...folders].toSorted()
  return writeYaml({ apiVersion, kind: 'Kustomization', resources })
}

/** What somebody else has there under the name of a file is not written over. */
function refuseOthers(others: readonly string[]): void {
  const [first, ...more] = others
  if (first === undefined) return
  const also = more.length === 0 ? '' : ` (and ${more.length} more)`
  const message = `the folder has a ${first}${also} that forge export did not write, and that is not written over`
  throw new ForgeError('E_FILE_UNWRITABLE', message, { hint: again('--out', 'exported'), where: first })
}
