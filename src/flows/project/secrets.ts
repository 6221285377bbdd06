import { codedError, type CodedProblem } from '../../domain/config/problems.ts'
import type { Project, SecretKeySpec, SecretSpec, Source } from '../../domain/config/model.ts'
import { byPosition, type Problem } from '../../domain/config/position.ts'
import type { KeyContent, ResolvedSecret, ResolvedSecrets, SecretPlan } from '../../domain/secrets/model.ts'
import { obstacles } from '../../domain/secrets/obstacles.ts'
import { dataOf, fromBase64, planSecret, toBase64 } from '../../domain/secrets/plan.ts'
import type { ClusterReader } from '../../ports.ts'
import { checkSecret, type SecretText } from './check-secret.ts'
import type { ProjectPorts, SecretSink } from './ports.ts'
import { SourceReader, type Reading } from './source-reader.ts'

export interface SecretsRequest {
  /** Names of the secrets that are wanted; without it all. */
  readonly only?: ReadonlySet<string>
}

/**
 * Every key of every secret, in memory; all problems in one ForgeError (exit status 3): E_SECRET_SOURCE, E_SECRET_EMPTY,
 * E_SECRET_INVALID. What was read is handed to `redact` before anything can be said about it.
 */
export async function resolveSecrets(
  project: Project,
  ports: ProjectPorts,
  redact: SecretSink,
  request: SecretsRequest = {},
): Promise<ResolvedSecrets> {
  const reader = new SourceReader(project, ports)
  const problems: CodedProblem[] = []
  const warnings: Problem[] = []
  const secrets: ResolvedSecret[] = []
  const wanted = project.secrets.filter(({ name }) => request.only?.has(name) ?? true)
  for (const spec of wanted) {
    const resolved = await resolveSecret(spec, reader, redact)
    const checked = checkSecret(spec, resolved.texts, project, ports)
    problems.push(...resolved.problems, ...checked.problems)
    warnings.push(...resolved.warnings, ...checked.warnings)
    secrets.push({ spec, keys: resolved.keys })
  }
  const error = codedError(problems, hintFor(project, wanted, problems))
  if (error !== undefined) throw error
  return { secrets, warnings: warnings.toSorted(byPosition) }
}

/**
 * The resolved secrets compared with the live ones. Throws one ForgeError for all that stands in the way:
 * E_SECRET_MISSING, E_SECRET_TYPE, E_SECRET_IMMUTABLE. Writes nothing.
 */
export async function planSecrets(
  project: Project,
  resolved: ResolvedSecrets,
  ports: { readonly cluster: Pick<ClusterReader, 'get'>; readonly signal: AbortSignal },
  redact: SecretSink,
  lastRevisions: Readonly<Record<string, number>> = {},
): Promise<readonly SecretPlan[]> {
  const { namespace } = project.environment
  const live = await Promise.all(
    resolved.secrets.map(({ spec }) =>
      ports.cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: spec.name }, ports.signal),
    ),
  )
  const problems: CodedProblem[] = []
  const plans = resolved.secrets.map((desired, index) => {
    const object = live[index]
    for (const value of Object.values(object === undefined ? {} : dataOf(object))) register(fromBase64(value), redact)
    problems.push(...obstacles(desired, object))
    const lastRevision = lastRevisions[desired.spec.name] ?? 0
    return planSecret(desired, object, { project: project.name, namespace, lastRevision })
  })
  const blocked = problems.find(({ code }) => code !== 'E_SECRET_MISSING')
  const name = resolved.secrets.find(({ spec }) => spec.at === blocked?.at)?.spec.name
  const hint =
    name === undefined
      ? `forge secrets generate --env ${project.environment.name}`
      : `kubectl -n ${namespace} get secret ${name} -o yaml`
  const error = codedError(problems, hint)
  if (error !== undefined) throw error
  return plans
}

interface Resolution {
  readonly keys: Map<string, KeyContent>
  readonly texts: SecretText[]
  readonly problems: CodedProblem[]
  readonly warnings: Problem[]
}

async function resolveSecret(spec: SecretSpec, reader: SourceReader, redact: SecretSink): Promise<Resolution> {
  const resolution: Resolution = { keys: new Map(), texts: [], problems: [], warnings: [] }
  for (const key of spec.keys) {
    const reading = await reader.read(key.source, 'value')
    if (reading.kind === 'found') take(spec, key, reading, resolution, redact, reader)
    else if (reading.kind === 'invalid')
      resolution.problems.push({ code: 'E_SECRET_SOURCE', message: reading.what, at: reading.at })
    else if (spec.keep) resolution.keys.set(key.key, { keep: true, missing: reading.what })
    else if (!key.optional) {
      const message = `${reading.what} (needed by secret ${spec.name}, key ${key.key})`
      resolution.problems.push({ code: 'E_SECRET_SOURCE', message, at: key.source.at })
    }
  }
  resolution.problems.push(...halfKept(spec, resolution))
  return resolution
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

function take(
  spec: SecretSpec,
  { key, source }: SecretKeySpec,
  reading: Reading & { kind: 'found' },
  { keys, texts, problems, warnings }: Resolution,
  redact: SecretSink,
  reader: SourceReader,
): void {
  const shown = describeSource(source, reader)
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
  if (reading.text !== undefined) texts.push({ key, text: reading.text, at: source.at, shown })
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

/** Where a value comes from, for people. */
export function describeSource(source: Source, reader: Pick<SourceReader, 'shown'>): string {
  switch (source.kind) {
    case 'file':
    case 'sops':
      return reader.shown(source.file)
    case 'yaml':
      return `${reader.shown(source.file)} ${source.path}`
    case 'env':
      return `environment variable ${source.name}`
    case 'dotenv':
      return `${reader.shown(source.file)} ${source.name}`
    case 'command':
      return `command ${source.argv[0] ?? ''}`
    case 'literal':
      return 'the literal'
  }
}

function hintFor(project: Project, specs: readonly SecretSpec[], problems: readonly CodedProblem[]): string {
  const env = project.environment.name
  const missing = problems.filter(({ code }) => code === 'E_SECRET_SOURCE')
  const makeable = specs.filter(
    (spec) => spec.generate !== undefined && missing.some(({ at }) => spec.keys.some(({ source }) => source.at === at)),
  )
  const [first, second] = makeable
  if (first === undefined) return `forge secrets apply --env ${env} --dry-run`
  return second === undefined
    ? `forge secrets generate --env ${env} --only ${first.name}`
    : `forge secrets generate --env ${env}`
}
