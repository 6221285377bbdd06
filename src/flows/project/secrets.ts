import { codedError, type CodedProblem } from '../../domain/config/problems.ts'
import type { Project, SecretKeySpec, SecretSpec } from '../../domain/config/model.ts'
import { byPosition, type Problem } from '../../domain/config/position.ts'
import { releaseNames } from '../../domain/config/select.ts'
import type { KeyContent, ResolvedSecret, ResolvedSecrets } from '../../domain/secrets/model.ts'
import { isMade } from '../../domain/secrets/made.ts'
import { toBase64 } from '../../domain/secrets/plan.ts'
import { checkSecret, type Bundle, type SecretText } from './check-secret.ts'
import type { ProjectPorts, SecretSink } from './ports.ts'
import { SourceReader, type Reading } from './source-reader.ts'
import { forge } from '../../hint.ts'
import { describeSource } from '../../domain/sources/sources.ts'

/**
 * Every key of every secret, in memory, with all that is wrong: E_SECRET_SOURCE, E_SECRET_EMPTY, E_SECRET_INVALID,
 * E_SECRET_NEWLINE, E_SECRET_PLACEHOLDER. Throws none of it: a secret that nothing uses may be wrong (planSecrets).
 * What was read is handed to `redact` before anything can be said about it.
 */
export async function resolveSecrets(
  project: Project,
  ports: ProjectPorts,
  redact: SecretSink,
): Promise<ResolvedSecrets> {
  redact.spare?.(namesOf(project))
  const reader = new SourceReader(project, ports)
  const secrets: ResolvedSecret[] = []
  for (const spec of project.secrets) {
    const { keys, texts, problems, warnings } = await resolveSecret(spec, reader, redact, project)
    const checked = checkSecret(spec, texts, await bundleOf(spec, texts, reader), project, ports)
    secrets.push({
      spec,
      keys,
      problems: [...problems, ...checked.problems],
      warnings: [...warnings, ...checked.warnings].toSorted(byPosition),
    })
  }
  return { secrets }
}

/** One ForgeError for all (exit status 3), or nothing where there are none. */
export function refuseProblems(project: Project, problems: readonly CodedProblem[]): void {
  const error = codedError(problems, forge('secrets', 'apply', '--env', project.environment.name, '--dry-run'))
  if (error !== undefined) throw error
}

/** What forge.yaml calls things: every second line of output holds one of them. */
function namesOf(project: Project): string[] {
  const { name, environment, images, releases, stages, vaultSecrets = [] } = project
  const secrets = [...project.secrets, ...vaultSecrets]
  const keys = secrets.flatMap((secret) => secret.keys.map(({ key }) => key))
  const configMaps = releases.flatMap((release) => release.configMaps)
  const named = [...images, ...secrets, ...stages, ...configMaps].map((one) => one.name)
  const waited = stages.flatMap(({ wait, optional }) =>
    [...wait, ...optional].map((one) => one.slice(one.indexOf('/') + 1)),
  )
  return [name, environment.name, environment.namespace, ...releaseNames(project), ...named, ...waited, ...keys]
}

interface Resolution {
  readonly keys: Map<string, KeyContent>
  readonly texts: SecretText[]
  readonly problems: CodedProblem[]
  readonly warnings: Problem[]
}

async function resolveSecret(
  spec: SecretSpec,
  reader: SourceReader,
  redact: SecretSink,
  project: Project,
): Promise<Resolution> {
  const resolution: Resolution = { keys: new Map(), texts: [], problems: [], warnings: [] }
  for (const key of spec.keys) {
    const reading = await reader.read(key.source)
    if (reading.kind === 'found') take(spec, key, reading, resolution, redact, reader)
    else if (reading.kind === 'invalid') {
      const { what: message, at, hint } = reading
      resolution.problems.push({ code: 'E_SECRET_SOURCE', message, at, ...(hint === undefined ? {} : { hint }) })
    } else if (spec.keep) resolution.keys.set(key.key, { keep: true, missing: reading.what, optional: key.optional })
    else if (!key.optional) resolution.problems.push(missing(reading.what, spec, key, project))
  }
  resolution.problems.push(...halfKept(spec, resolution))
  resolution.warnings.push(...reader.warnings())
  return resolution
}

function missing(what: string, spec: SecretSpec, one: SecretKeySpec, project: Project): CodedProblem {
  const { key, source } = one
  const message = `${what} (needed by secret ${spec.name}, key ${key})`
  const hint = isMade(spec, one)
    ? { hint: forge('secrets', 'generate', '--env', project.environment.name, '--only', spec.name) }
    : {}
  return { code: 'E_SECRET_SOURCE', message, at: source.at, ...hint }
}

/** A certificate from here with a key from the cluster, or the other way round, need not belong together. */
function halfKept(spec: SecretSpec, { keys }: Resolution): CodedProblem[] {
  const pair = ['tls.crt', 'tls.key'].map((key) => keys.get(key))
  const kept = pair.find((content) => content !== undefined && 'keep' in content)
  if (kept === undefined || !('keep' in kept) || pair.every((content) => content !== undefined && 'keep' in content))
    return []
  const message = `${kept.missing}, but the other half of secret ${spec.name} is here: certificate and key are kept together or not at all`
  return [{ code: 'E_SECRET_SOURCE', message, at: spec.at }]
}

/** What clients trust: the secret's own ca.crt, else the bundle of the CA that forge signs with, if it is here. */
async function bundleOf(
  { generate }: SecretSpec,
  texts: readonly SecretText[],
  reader: SourceReader,
): Promise<Bundle | undefined> {
  const own = texts.find(({ key }) => key === 'ca.crt')
  if (own !== undefined || generate?.kind !== 'certificate') return own
  const file = `${generate.ca}/ca-bundle.crt`
  const bytes = await reader.bytes(file)
  return bytes === undefined ? undefined : { text: new TextDecoder().decode(bytes), shown: reader.shown(file) }
}

function take(
  spec: SecretSpec,
  { key, source }: SecretKeySpec,
  reading: Reading & { kind: 'found' },
  { keys, texts, problems, warnings }: Resolution,
  redact: SecretSink,
  reader: SourceReader,
): void {
  const shown = describeSource(source, (file) => reader.shown(file))
  if (!isPublic(reading.text)) register(reading.bytes, redact)
  if (reading.bytes.length === 0 || reading.text?.trim() === '') {
    problems.push({
      code: 'E_SECRET_EMPTY',
      message: `${shown} is empty (needed by secret ${spec.name}, key ${key})`,
      at: source.at,
    })
    return
  }
  if (source.kind === 'literal') {
    warnings.push({
      message: `secret ${spec.name}, key ${key} is written into forge.yaml itself: whoever reads the repository knows it`,
      at: source.at,
    })
  }
  keys.set(key, { bytes: reading.bytes })
  if (reading.text !== undefined) texts.push({ key, text: reading.text, source, shown })
}

/** Certificates are shown to every client; masking them would only make output unreadable. */
function isPublic(text: string | undefined): boolean {
  return text !== undefined && text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('PRIVATE KEY-----')
}

/** A value that forge has read: masked from now on. */
export function register(bytes: Uint8Array, redact: SecretSink): void {
  const text = new TextDecoder().decode(bytes)
  if (isPublic(text)) return
  redact.add(text)
  redact.add(toBase64(bytes))
}
