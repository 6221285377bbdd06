import { absolutePath } from '../domain/config/file-path.ts'
import type { Project, SecretSpec, VaultSecretSpec } from '../domain/config/model.ts'
import { suggestion } from '../domain/config/nearest.ts'
import type { Position } from '../domain/config/position.ts'
import { codedError, type CodedProblem } from '../domain/config/problems.ts'
import { isMade } from '../domain/secrets/made.ts'
import { dataOf } from '../domain/secrets/plan.ts'
import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import { generateCertificates } from './secrets-certificates.ts'
import { SecretFiles, type GeneratedFile, type GeneratePorts } from './secrets-files.ts'
import type { SecretSink } from './project/ports.ts'
import { judgeHomes, type MadeInVault } from './vault/generate.ts'

export interface GenerateRequest {
  /** Names of secrets; empty: all of them. */
  readonly only: readonly string[]
  /** Names of secrets whose files are made anew; the old ones are kept beside them. */
  readonly force: readonly string[]
  /** Of what is forced: these keys only. */
  readonly keys?: readonly string[]
}

export interface GenerateReport {
  readonly files: readonly GeneratedFile[]
  /** Secrets whose missing values forge does not make. */
  readonly notMade: readonly { readonly secret: string; readonly what: string }[]
  /** Secrets that live in Vault. Absent: there are none. */
  readonly vault?: readonly MadeInVault[]
  readonly warnings: readonly string[]
}

/**
 * Makes the files that secrets of the project are read from: only those that are missing, readable by their owner only.
 * Running it again changes nothing; two at once take turns. Throws E_USAGE for names that are not secrets, E_GENERATE_PAIR for
 * what does not belong together, E_SECRET_IN_CLUSTER for values that the cluster holds.
 */
export async function generateSecrets(
  project: Project,
  ports: GeneratePorts,
  redact: SecretSink,
  request: GenerateRequest,
): Promise<GenerateReport> {
  const wanted = choose(project, request)
  return await ports.alone(
    foldersOf(project, wanted),
    async () => await generate(project, wanted, ports, redact, request),
  )
}

/** The project's, and those of CAs outside: another project may have the same one. */
function foldersOf({ dir }: Project, wanted: readonly SecretSpec[]): string[] {
  const authorities = wanted.flatMap(({ generate: how }) =>
    how?.kind === 'certificate' ? [absolutePath(dir, how.ca)] : [],
  )
  return [...new Set([dir, ...authorities.filter((folder) => !folder.startsWith(`${dir}/`))])].sort()
}

async function generate(
  project: Project,
  wanted: readonly SecretSpec[],
  ports: GeneratePorts,
  redact: SecretSink,
  request: GenerateRequest,
): Promise<GenerateReport> {
  const writer = new SecretFiles(project, ports, redact)
  const homes = chooseHomes(project, request)
  const makeInVault = await judgeHomes(homes, project, ports, redact)
  await refuseHeld(project, atRisk(project, wanted, request), ports)
  const notMade: { secret: string; what: string }[] = []
  for (const spec of wanted) {
    ports.signal.throwIfAborted()
    const force = request.force.includes(spec.name)
    await generatePasswords(spec, writer, force, request.keys)
    if (spec.generate?.kind === 'certificate')
      await generateCertificates({ spec, project, ports, files: writer }, spec.generate, force)
    notMade.push(...(await notMadeOf(spec, writer)))
  }
  const vault = await makeInVault()
  for (const { secret, path, notMade: keys } of vault)
    notMade.push(...keys.map((key) => ({ secret, what: `${path} in Vault has no ${key}, which has no "generate"` })))
  const warnings = await notIgnored(writer.private(), ports)
  return { files: writer.report(), notMade, ...(vault.length === 0 ? {} : { vault }), warnings }
}

function choose(project: Project, { only, force }: GenerateRequest): readonly SecretSpec[] {
  requireSecrets(project, [...only, ...force], 'generate')
  const asked = [...only, ...force]
  return asked.length === 0 ? project.secrets : project.secrets.filter(({ name }) => asked.includes(name))
}

/** Those that live in Vault. What is there is never made anew by force: Vault keeps what was before, `rotate` brings it back. */
function chooseHomes({ vaultSecrets = [], environment }: Project, { only, force }: GenerateRequest): VaultSecretSpec[] {
  const forced = vaultSecrets.find(({ name }) => force.includes(name))
  if (forced !== undefined)
    throw new ForgeError('E_USAGE', `secret ${forced.name} lives in Vault, where --force makes nothing`, {
      hint: forge('secrets', 'rotate', forced.name, '--env', environment.name),
    })
  if (force.length > 0 && only.length === 0) return []
  return vaultSecrets.filter(({ name }) => only.length === 0 || only.includes(name))
}

/** Throws E_USAGE for a name that is no secret of the project. */
export function requireSecrets(
  { secrets, vaultSecrets = [], environment }: Project,
  asked: readonly string[],
  command: string,
): void {
  const names = [...secrets, ...vaultSecrets].map(({ name }) => name)
  const unknown = asked.find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new ForgeError('E_USAGE', `forge.yaml has no secret "${unknown}"${suggestion(unknown, names)}`, {
    hint: forge('secrets', command, '--env', environment.name),
  })
}

/** Secrets for which something may be made: those that are asked for, and those that hold the CA that signs for them. */
function atRisk(project: Project, wanted: readonly SecretSpec[], { force }: GenerateRequest): readonly SecretSpec[] {
  const folders = wanted.flatMap(({ generate }) => (generate?.kind === 'certificate' ? [`${generate.ca}/`] : []))
  const ofAuthority = project.secrets.filter(({ keys }) =>
    keys.some(({ source }) => source.kind === 'file' && folders.some((folder) => source.file.startsWith(folder))),
  )
  return [...new Set([...wanted.filter(({ name }) => !force.includes(name)), ...ofAuthority])]
}

interface Held {
  readonly secret: string
  readonly key: string
  readonly file: string
  readonly at: Position
}

/**
 * A value that is missing here and that the cluster holds is not forge's to make: its consumers, and the database behind
 * them, know the old one. All such keys in one E_SECRET_IN_CLUSTER, before anything is written. The cluster is asked only
 * where a file is missing.
 */
async function refuseHeld(project: Project, specs: readonly SecretSpec[], ports: GeneratePorts): Promise<void> {
  const found: Held[] = []
  for (const spec of specs) {
    const missing = await missingFiles(spec, project, ports)
    if (missing.length === 0) continue
    const live = await liveKeys(project, spec, ports)
    found.push(...missing.filter(({ key }) => live.has(key)))
  }
  const [first] = found
  if (first === undefined) return
  const { name, namespace } = project.environment
  const only = new Set(found.map(({ secret }) => secret)).size === 1 ? ['--only', first.secret] : []
  const hint = forge('secrets', 'pull', '--env', name, ...only)
  const problems = found.map(({ secret, key, file, at }): CodedProblem => {
    const message = `${file} is missing, and namespace ${namespace} holds key ${key} of secret ${secret}: its value stays, fetch it`
    return { code: 'E_SECRET_IN_CLUSTER', message, at, hint }
  })
  const error = codedError(problems, hint)
  if (error !== undefined) throw error
}

async function missingFiles(spec: SecretSpec, { dir }: Project, { files }: GeneratePorts): Promise<Held[]> {
  const missing: Held[] = []
  for (const one of spec.keys) {
    const { key, source } = one
    if (source.kind !== 'file' || !isMade(spec, one) || (await files.exists(absolutePath(dir, source.file)))) continue
    missing.push({ secret: spec.name, key, file: source.file, at: source.at })
  }
  return missing
}

/** Throws where the cluster cannot be read: it may hold the password, and a second one must not be made. */
async function liveKeys(
  project: Project,
  spec: SecretSpec,
  { connect, signal }: GeneratePorts,
): Promise<ReadonlySet<string>> {
  if (connect === undefined) return new Set()
  const { namespace } = project.environment
  try {
    const cluster = await connect()
    const live = await cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: spec.name }, signal)
    return new Set(live === undefined ? [] : Object.keys(dataOf(live)))
  } catch (error) {
    const now = 'nothing was made; where nothing was ever deployed, --offline does without the cluster'
    throw error instanceof ForgeError ? error.with({ now }) : error
  }
}

async function generatePasswords(
  spec: SecretSpec,
  writer: SecretFiles,
  force: boolean,
  keys: readonly string[] | undefined,
): Promise<void> {
  for (const { key, source, length } of spec.keys) {
    if (source.kind !== 'file' || length === undefined) continue
    const anew = force && (keys?.includes(key) ?? true)
    await writer.make(source.file, spec.name, (maker) => maker.password(length), anew)
  }
}

async function notMadeOf(spec: SecretSpec, writer: SecretFiles): Promise<{ secret: string; what: string }[]> {
  const missing: { secret: string; what: string }[] = []
  for (const { key, source, optional } of spec.keys) {
    if (optional || writer.knows(source.kind === 'file' ? source.file : '')) continue
    if (source.kind !== 'file') missing.push({ secret: spec.name, what: `key ${key} comes from ${source.kind}` })
    else if (!(await writer.has(source.file)))
      missing.push({ secret: spec.name, what: `${source.file} is missing and has no "generate"` })
  }
  return missing
}

/** Warnings for files with secrets that git would take in. */
export async function notIgnored(
  files: readonly { readonly file: string; readonly full: string }[],
  { versionControl, signal }: Pick<GeneratePorts, 'versionControl' | 'signal'>,
): Promise<string[]> {
  const warnings: string[] = []
  for (const { file, full } of files) {
    if ((await versionControl.ignores(full, signal)) === false)
      warnings.push(`${file} is not ignored by git: add it to .gitignore before you commit`)
  }
  return warnings
}
