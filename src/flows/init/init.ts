import { parse as parseDotenv } from 'dotenv'
import { parseConfig } from '../../domain/config/config.ts'
import type { Problem } from '../../domain/config/position.ts'
import { composeWorkloads, filesNamedIn } from '../../domain/init/compose-workloads.ts'
import { detect, originName, originsOf } from '../../domain/init/detect.ts'
import { initExists } from '../../domain/init/exists.ts'
import type { InitPlan, Origin, Workload } from '../../domain/init/model.ts'
import { nameOf } from '../../domain/init/names.ts'
import { planOfCharts, planOfKustomization, planOfWorkloads, type Answers } from '../../domain/init/plan.ts'
import { dockerfileWorkload, imageWorkload, sampleWorkload } from '../../domain/init/single.ts'
import { readComposeFile } from '../../domain/images/compose-file.ts'
import { parseReference } from '../../domain/images/reference.ts'
import { ForgeError } from '../../errors.ts'
import { again } from '../../hint.ts'
import type { InitFolder } from '../../init-port.ts'
import type { LegacyFiles } from '../../legacy-port.ts'
import type { Files } from '../../ports.ts'
import { chooseOrigin, chooseNames, type Ask } from './questions.ts'

export interface InitPorts {
  readonly files: Files
  readonly folder: InitFolder
  readonly kustomize: Pick<LegacyFiles, 'build'>
  /** Undefined: nobody is there to answer, or nobody is to be asked. */
  readonly ask?: Ask | undefined
  /** Undefined: the folder is not under version control. */
  readonly ignores: (path: string) => Promise<boolean | undefined>
  readonly signal: AbortSignal
}

export interface InitRequest {
  /** `--image-ref`, in place of what is in the folder. */
  readonly image?: string | undefined
  readonly port: number
}

export interface InitReport {
  readonly project: string
  readonly namespace: string
  readonly environments: readonly string[]
  /** What the releases are made of. */
  readonly from: { readonly kind: Origin['kind'] | 'release'; readonly name: string }
  /** What was found beside that, and is not used. */
  readonly unused: readonly string[]
  readonly written: readonly { readonly file: string; readonly about: string }[]
  readonly warnings: readonly Problem[]
}

/** For a project whose folder has no name (`/`). */
const UNNAMED = 'app'

/**
 * Writes a forge.yaml for what is in the folder, and a chart where there is none; all of it or nothing, and nothing over a file
 * that is there. Throws E_INIT_EXISTS, E_IMAGE_COMPOSE, E_IMAGE_REFERENCE, E_FILE_UNWRITABLE, and what kustomize may throw.
 */
export async function init(ports: InitPorts, request: InitRequest): Promise<InitReport> {
  const { files, folder, ask } = ports
  await requireNone(['forge.yaml'], ports)
  const paths = await folder.list()
  const charts = paths.filter((path) => /(?:^|\/)Chart\.yaml$/u.test(path))
  const texts = new Map(await Promise.all(charts.map(async (path) => [path, await files.read(path)] as const)))
  const found = detect(paths, (path) => texts.get(path))
  const origins = request.image === undefined ? originsOf(found) : [imageOrigin(request.image, request.port)]
  const origin = await chooseOrigin(origins, ask)
  const answers = await chooseNames(await defaultName(origin, ports), ask)
  const plan = await planFor(origin, answers, found.hasDotenv, ports)
  await requireNone(
    plan.files.map(({ path }) => path),
    ports,
  )
  // A forge.yaml that forge itself refuses is a bug, and nothing is written.
  const config = parseConfig(plan.files.find(({ path }) => path === 'forge.yaml')?.text ?? '')
  ports.signal.throwIfAborted()
  await folder.create(
    plan.files.map(({ path, text, isPrivate }) => ({ path, text, ...(isPrivate === true ? { mode: 0o600 } : {}) })),
  )
  return {
    project: answers.project,
    namespace: answers.namespace,
    environments: Object.keys(config.config.environments),
    from: { kind: origin.kind, name: originName(origin) },
    unused: unusedOf(origin, origins),
    written: plan.files.map(({ path, about }) => ({ file: path, about })),
    warnings: [...plan.warnings, ...(await notIgnored(plan, ports))],
  }
}

/** A compose file says itself which Dockerfiles it builds. */
function unusedOf(origin: Origin, all: readonly Origin[]): string[] {
  const others = all.filter((one) => one !== origin && !(origin.kind === 'compose' && one.kind === 'dockerfiles'))
  return others.map(originName)
}

function imageOrigin(ref: string, port: number): Origin {
  const parsed = parseReference(ref)
  if (!('problem' in parsed)) return { kind: 'image', ref, port }
  throw new ForgeError('E_IMAGE_REFERENCE', `"${ref}" is not a valid image reference: ${parsed.problem}`, {
    hint: again('--image-ref', 'nginx:1.29'),
    where: '--image-ref',
  })
}

/** Throws E_INIT_EXISTS. */
export async function requireNone(paths: readonly string[], { files }: Pick<InitPorts, 'files'>): Promise<void> {
  const there: string[] = []
  for (const path of paths) if (await files.exists(path)) there.push(path)
  const [first, ...others] = there
  if (first !== undefined) throw initExists([first, ...others], files.resolve(first))
}

async function defaultName(origin: Origin, { files }: InitPorts): Promise<string> {
  const folder = nameOf(files.resolve('.').split('/').at(-1) ?? '', UNNAMED)
  if (origin.kind !== 'compose') return folder
  const name = readComposeFile((await files.read(origin.file)) ?? '', origin.file).whole['name']
  return typeof name === 'string' && !name.includes('$') ? nameOf(name, folder) : folder
}

async function planFor(origin: Origin, answers: Answers, hasDotenv: boolean, ports: InitPorts): Promise<InitPlan> {
  const { files, kustomize, signal } = ports
  const hasIgnoreFile = await files.exists('.gitignore')
  const made = (workloads: readonly Workload[], warnings?: readonly Problem[]): InitPlan => {
    const left = warnings ?? workloads.flatMap((one) => one.left)
    return planOfWorkloads(answers, workloads, { warnings: left, hasIgnoreFile, isSample: origin.kind === 'sample' })
  }
  switch (origin.kind) {
    case 'charts':
      return planOfCharts(answers, origin.charts)
    case 'kustomization':
      return planOfKustomization(answers, origin.folder, await kustomize.build(origin.folder || '.', signal))
    case 'compose': {
      const { workloads, warnings } = await composed(origin.file, answers, ports)
      return made(workloads, [...warnings, ...(await missingSecrets(workloads, ports))])
    }
    case 'dockerfiles': {
      const dotenv = hasDotenv ? await files.read('.env') : undefined
      const texts = await Promise.all(
        origin.files.map(async (file) => ({ file, text: (await files.read(file)) ?? '' })),
      )
      return made(texts.map((one) => dockerfileWorkload({ ...one, project: answers.project, dotenv })))
    }
    case 'image':
      return made([imageWorkload(answers.project, origin.ref, origin.port)])
    case 'sample':
      return made([sampleWorkload()])
  }
}

async function composed(
  file: string,
  { project }: Answers,
  { files }: InitPorts,
): Promise<ReturnType<typeof composeWorkloads>> {
  const text = (await files.read(file)) ?? ''
  const named = filesNamedIn(readComposeFile(text, file))
  const read = await Promise.all(named.map(async (path) => [path, await files.read(path)] as const))
  const texts = new Map(read.flatMap(([path, one]) => (one === undefined ? [] : [[path, one] as const])))
  const dotenv = parseDotenv((await files.read('.env')) ?? '')
  return composeWorkloads(text, file, project, { dotenv, texts })
}

async function missingSecrets(workloads: readonly Workload[], { files }: InitPorts): Promise<Problem[]> {
  const named = workloads.flatMap(({ secretFiles }) => Object.values(secretFiles))
  const paths = [...new Set(named.flatMap((from) => (from.kind === 'file' ? [from.file] : [])))]
  const there = await Promise.all(paths.map(async (path) => await files.exists(path)))
  return paths.flatMap((path, at) =>
    there[at] === true ? [] : [{ message: `${path} is not there, and a deploy needs it: it is a secret` }],
  )
}

async function notIgnored({ files }: InitPlan, { ignores }: InitPorts): Promise<Problem[]> {
  const warnings: Problem[] = []
  for (const { path, isPrivate } of files)
    if (isPrivate === true && (await ignores(path)) === false)
      warnings.push({ message: `${path} is not ignored by git: add it to .gitignore before you commit` })
  return warnings
}
