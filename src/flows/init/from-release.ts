import { relativeTo } from '../../domain/config/file-path.ts'
import { parseConfig } from '../../domain/config/config.ts'
import type { Problem } from '../../domain/config/position.ts'
import { chartsBeside, keptChart } from '../../domain/init/kept-chart.ts'
import { movedName, openValues, type KeptValues, type MovedValue } from '../../domain/init/kept-values.ts'
import type { KeptFile, NewFile } from '../../domain/init/model.ts'
import { nameOf } from '../../domain/init/names.ts'
import { CHART } from '../../domain/init/plan.ts'
import { fetching, releaseFile } from '../../domain/init/release-file.ts'
import { writeYaml } from '../../domain/manifest/write-yaml.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import { ForgeError } from '../../errors.ts'
import { again, program, type Hint } from '../../hint.ts'
import type { FolderFile } from '../../init-port.ts'
import type { Charts, MissingChart } from '../../ports.ts'
import { requireNone, type InitPorts, type InitReport } from './init.ts'
import { readRelease, type KeptRelease, type ReleaseCluster } from './kept-release.ts'
import { chooseRelease } from './questions.ts'
import { proveSame, type Proven } from './prove-same.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

export interface ReleasePorts extends Pick<InitPorts, 'files' | 'folder' | 'ask' | 'ignores' | 'signal'> {
  /** Where the flags lead. */
  readonly connect: () => Promise<{ readonly cluster: ReleaseCluster; readonly charts: Pick<Charts, 'render'> }>
  readonly missingCharts: (chart: string) => Promise<readonly MissingChart[]>
  /** From now on it is not shown. */
  readonly conceal: (text: string) => void
}

export interface ReleaseRequest {
  readonly release: string
  readonly namespace: string | undefined
  /** A folder or an archive of this machine (absolute), in place of what helm's record has. */
  readonly chart: string | undefined
}

export interface ReleaseReport extends InitReport {
  /** What gets the values that look like secrets, in this order. */
  readonly fetch: readonly Hint[]
}

const VALUES = 'values.yaml'
const IGNORED = 'secrets/'

/**
 * Writes a project of a release that runs: its chart, the values that it was given, and a forge.yaml whose first deploy changes
 * nothing. All of it or nothing. Throws E_INIT_EXISTS, E_INIT_RELEASE, E_INIT_STATE, E_INIT_CHART, E_INIT_RENDER,
 * E_RECORD_UNREADABLE, and what helm and the cluster throw.
 */
export async function initFromRelease(ports: ReleasePorts, request: ReleaseRequest): Promise<ReleaseReport> {
  const { files, folder, ask, signal } = ports
  await requireNone(['forge.yaml', VALUES, ...(request.chart === undefined ? [CHART] : [])], ports)
  await requireChart(request.chart, ports)
  const { cluster, charts } = await ports.connect()
  const namespace = request.namespace ?? cluster.namespace ?? 'default'
  const release = await readRelease(request.release, namespace, cluster, signal)
  const given = release.record.config as JsonMap
  const values = openValues(release.name, given)
  conceal(given, values, ports)
  const chart = request.chart === undefined ? await chartIn(release, ports) : { folder: request.chart, files: [] }
  const prove = async (path: string): Promise<Proven> =>
    await proveSame({ release, given, moved: values.moved, chart: path }, { cluster, charts, signal })
  const proven =
    chart.files.length === 0
      ? await prove(files.resolve(chart.folder))
      : await folder.inTemporary(chart.files.map(toWrite), async (root) => await prove(`${root}/${CHART}`))
  const answers = await chooseRelease(nameOf(release.name), ask)
  const uid = await clusterUid(cluster, signal)
  const has = Object.keys(values.open).length > 0
  const main = releaseFile({
    ...{ ...answers, namespace, uid, release: release.name, revision: release.record.revision, moved: values.moved },
    ...{ context: cluster.named.context, chart: chartPath(request.chart, ports), ...proven },
    values: has ? VALUES : undefined,
  })
  const all = [
    ...chart.files,
    ...(has ? [valuesFile(release, values)] : []),
    ...(await ignoreFile(values, ports)),
    main,
  ]
  await requireNone(
    all.map(({ path }) => path),
    ports,
  )
  // A forge.yaml that forge itself refuses is a bug, and nothing is written.
  parseConfig(main.text)
  signal.throwIfAborted()
  await folder.create(all.map(toWrite))
  return {
    ...{ project: answers.project, namespace, environments: [answers.environment], unused: [] },
    from: { kind: 'release', name: `release ${release.name}, revision ${release.record.revision}, in ${namespace}` },
    written: all.map(({ path, about }) => ({ file: path, about })),
    warnings: [...movedWarnings(values), ...(await openFolder(values, ports))],
    fetch: values.moved.map((one) => fetching(placed(one, ports), release.name, namespace)),
  }
}

async function requireChart(chart: string | undefined, { files }: ReleasePorts): Promise<void> {
  if (chart === undefined || chart.endsWith('.tgz') || (await files.exists(`${chart}/Chart.yaml`))) return
  const message = `there is no Chart.yaml in ${chart}`
  throw new ForgeError('E_CHART_MISSING', message, { hint: program('ls', chart), where: '--chart' })
}

function conceal(given: JsonMap, { moved }: KeptValues, ports: ReleasePorts): void {
  for (const { path } of moved) {
    const value = path.reduce<unknown>((at, part) => (at as Readonly<Record<string | number, unknown>>)[part], given)
    ports.conceal(String(value))
  }
}

/** With the charts within it, where this machine has them. */
async function chartIn(
  { name, record }: KeptRelease,
  ports: ReleasePorts,
): Promise<{ readonly folder: string; readonly files: readonly KeptFile[] }> {
  const kept = keptChart(record.keptChart)
  const hint = again('--chart', `./${record.chart.name}`)
  const where = `the record of ${name} revision ${record.revision}`
  if (typeof kept === 'string')
    throw new ForgeError('E_INIT_CHART', `${where} has no chart that can be written: ${kept}`, { hint, where })
  const files = kept.files.map((one) => ({ ...one, path: `${CHART}/${one.path}` }))
  const beside = chartsBeside(kept, record.manifest)
  if (kept.within.length === 0 && beside.length === 0) return { folder: CHART, files }
  const missing = await ports.folder.inTemporary(
    files.map(toWrite),
    async (root) => await ports.missingCharts(`${root}/${CHART}`),
  )
  const packed = await Promise.all(missing.map(async (one) => ({ one, bytes: await packedChart(one, ports) })))
  const unpacked = packed.filter(({ bytes }) => bytes === undefined).map(({ one }) => `${one.name} ${one.version}`)
  const away = [...unpacked, ...beside]
  if (away.length > 0) {
    const chart = `${record.chart.name} ${record.chart.version}`
    const message = `${where} has nothing of the charts within ${chart} (${away.join(', ')}): fetch ${chart} and name its folder`
    throw new ForgeError('E_INIT_CHART', message, { hint, where })
  }
  const within = packed.flatMap(({ one, bytes = new Uint8Array() }): KeptFile[] => {
    const path = `${CHART}/charts/${one.name}-${one.version}.tgz`
    return [{ path, text: bytes, about: "of helm's cache" }]
  })
  return { folder: CHART, files: [...files, ...within] }
}

async function packedChart({ from }: MissingChart, { files }: ReleasePorts): Promise<Uint8Array | undefined> {
  return from?.endsWith('.tgz') === true ? await files.readBytes(from) : undefined
}

function chartPath(given: string | undefined, { files }: ReleasePorts): string {
  if (given === undefined) return `./${CHART}`
  const path = relativeTo(files.resolve('.'), files.resolve(given))
  return path.startsWith('/') || path.startsWith('.') ? path : `./${path}`
}

function valuesFile({ name, record }: KeptRelease, { open, moved }: KeptValues): NewFile {
  const rest =
    moved.length === 0 ? '' : '# What looks like a secret is not here: forge.yaml says where it is read from.\n'
  const text = `# What release ${name} was given (helm get values), revision ${record.revision}.\n${rest}${writeYaml(open)}`
  return { path: VALUES, text, about: 'what the release was given' }
}

/** Seen from wherever the command is typed. */
function placed(one: MovedValue, { files }: ReleasePorts): MovedValue {
  return 'file' in one.from ? { ...one, from: { file: files.resolve(one.from.file) } } : one
}

function movedWarnings({ moved }: KeptValues): Problem[] {
  return moved.map((one) => {
    const source = 'env' in one.from ? `the variable ${one.from.env}` : `the file ${one.from.file}`
    return { message: `${movedName(one)} looks like a secret and is not written: forge.yaml reads it from ${source}` }
  })
}

async function ignoreFile({ moved }: KeptValues, { files }: ReleasePorts): Promise<NewFile[]> {
  if (!moved.some(({ from }) => 'file' in from) || (await files.exists('.gitignore'))) return []
  return [{ path: '.gitignore', text: `${IGNORED}\n`, about: 'keeps secrets out of git' }]
}

async function openFolder({ moved }: KeptValues, { files, ignores }: ReleasePorts): Promise<Problem[]> {
  const open: Problem[] = []
  for (const { from } of moved)
    if ('file' in from && (await files.exists('.gitignore')) && (await ignores(from.file)) === false)
      open.push({ message: `${from.file} is not ignored by git: add it to .gitignore before you commit` })
  return open
}

async function clusterUid(cluster: ReleaseCluster, signal: AbortSignal): Promise<string | undefined> {
  const found = await unlessForbidden(cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal))
  return found?.metadata.uid
}

function toWrite({ path, text, isPrivate }: KeptFile): FolderFile {
  return { path, text, ...(isPrivate === true ? { mode: 0o600 } : {}) }
}
