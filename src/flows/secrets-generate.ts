import type { GenerateSpec, Project, SecretSpec } from '../domain/config/model.ts'
import { suggestion } from '../domain/config/nearest.ts'
import { dataOf } from '../domain/secrets/plan.ts'
import { ForgeError } from '../errors.ts'
import { generateCertificates } from './secrets-certificates.ts'
import { SecretFiles, type GeneratedFile, type GenerateMode, type GeneratePorts } from './secrets-files.ts'
import type { SecretSink } from './project/ports.ts'

export interface GenerateRequest {
  /** Names of secrets; empty: all that say `generate`. */
  readonly only: readonly string[]
  /** Names of secrets whose files are made anew; the old ones are kept beside them. */
  readonly force: readonly string[]
}

export interface GenerateReport {
  readonly files: readonly GeneratedFile[]
  /** Secrets whose missing values forge does not make. */
  readonly notMade: readonly { readonly secret: string; readonly what: string }[]
  readonly warnings: readonly string[]
}

/**
 * Makes the files that secrets of the project are read from: only those that are missing, readable by their owner only.
 * Running it again changes nothing. Throws E_USAGE for names that are not secrets, E_GENERATE_PAIR for half a pair.
 */
export async function generateSecrets(
  project: Project,
  ports: GeneratePorts,
  redact: SecretSink,
  request: GenerateRequest,
): Promise<GenerateReport> {
  const wanted = choose(project, request)
  const writer = new SecretFiles(project, ports, redact)
  const notMade: { secret: string; what: string }[] = []
  for (const spec of wanted) {
    ports.signal.throwIfAborted()
    const force = request.force.includes(spec.name)
    const live = force ? undefined : await liveKeys(project, spec, ports)
    if (spec.generate?.kind === 'password') await generatePasswords(spec, spec.generate, writer, { force, live })
    if (spec.generate?.kind === 'certificate')
      await generateCertificates(spec, spec.generate, project, ports, writer, { force, live })
    notMade.push(...(await notMadeOf(spec, writer)))
  }
  return { files: writer.report(), notMade, warnings: await notIgnored(writer, ports) }
}

function choose(project: Project, { only, force }: GenerateRequest): readonly SecretSpec[] {
  const names = project.secrets.map(({ name }) => name)
  for (const asked of [...only, ...force]) {
    if (names.includes(asked)) continue
    throw new ForgeError('E_USAGE', `forge.yaml has no secret "${asked}"${suggestion(asked, names)}`, {
      hint: `forge secrets generate --env ${project.environment.name}`,
    })
  }
  const asked = [...only, ...force]
  return asked.length === 0 ? project.secrets : project.secrets.filter(({ name }) => asked.includes(name))
}

/** The keys that the cluster holds: a new value beside them would lock its consumers out. */
async function liveKeys(
  project: Project,
  spec: SecretSpec,
  { cluster, signal }: GeneratePorts,
): Promise<ReadonlySet<string>> {
  if (cluster === undefined || spec.generate === undefined) return new Set()
  const { namespace } = project.environment
  const live = await cluster
    .get({ apiVersion: 'v1', kind: 'Secret', namespace, name: spec.name }, signal)
    .catch((error: unknown) => {
      const hint = `forge secrets generate --env ${project.environment.name} --no-ask-cluster`
      throw error instanceof ForgeError ? error.with({ hint }) : error
    })
  return new Set(live === undefined ? [] : Object.keys(dataOf(live)))
}

async function generatePasswords(
  spec: SecretSpec,
  { length }: GenerateSpec & { kind: 'password' },
  writer: SecretFiles,
  { force, live }: GenerateMode,
): Promise<void> {
  for (const { key, source } of spec.keys) {
    if (source.kind !== 'file') continue
    if (live?.has(key) === true && !(await writer.has(source.file))) writer.note(source.file, spec.name, 'in-cluster')
    else await writer.make(source.file, spec.name, (maker) => maker.password(length), force)
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

async function notIgnored(writer: SecretFiles, { versionControl, signal }: GeneratePorts): Promise<string[]> {
  const warnings: string[] = []
  for (const { file, full } of writer.private()) {
    if ((await versionControl.ignores(full, signal)) === false)
      warnings.push(`${file} is not ignored by git: add it to .gitignore before you commit`)
  }
  return warnings
}
