import { absolutePath, relativeTo } from '../domain/config/file-path.ts'
import type { Project, SecretKeySpec, SecretSpec, VaultSecretSpec } from '../domain/config/model.ts'
import { showPosition } from '../domain/config/position.ts'
import { ForgeError } from '../errors.ts'
import { program } from '../hint.ts'
import { SECRET_KIND } from '../domain/journal/labels.ts'
import type { PulledKey } from '../screen/secrets.ts'
import { dataOf, fromBase64, toBase64 } from '../domain/secrets/plan.ts'
import type { ClusterReader, VersionControl } from '../ports.ts'
import type { ProjectPorts, SecretSink } from './project/ports.ts'
import { register } from './project/secrets.ts'
import { SourceReader } from './project/source-reader.ts'
import { keepCopy, type OldSecrets } from './secrets-files.ts'
import { notIgnored, requireSecrets } from './secrets-generate.ts'

export interface PullPorts extends ProjectPorts, OldSecrets {
  readonly cluster: Pick<ClusterReader, 'get'>
  readonly versionControl: VersionControl
}

export interface PullReport {
  readonly environment: string
  readonly namespace: string
  readonly keys: readonly PulledKey[]
  readonly warnings: readonly string[]
}

/**
 * Brings the cluster's values into the files that forge.yaml names, readable by their owner only. What a
 * file held before is kept first, outside the project. Throws E_USAGE for names that are not secrets. Writes nothing to the cluster.
 */
export async function pullSecrets(
  project: Project,
  ports: PullPorts,
  redact: SecretSink,
  only: readonly string[],
): Promise<PullReport> {
  requireSecrets(project, only, 'pull')
  const { vaultSecrets = [] } = project
  refuseHomes(vaultSecrets, only)
  const { name: environment, namespace } = project.environment
  const wanted = project.secrets.filter(({ name }) => only.length === 0 || only.includes(name))
  const reader = new SourceReader(project, ports)
  // All is read before the first file is written: half a pull is worse than none.
  const live = await Promise.all(
    wanted.map(async ({ name }) => await ports.cluster.get({ ...SECRET_KIND, namespace, name }, ports.signal)),
  )
  const keys: PulledKey[] = []
  for (const [at, spec] of wanted.entries()) {
    const object = live[at]
    const data = object === undefined ? {} : dataOf(object)
    for (const value of Object.values(data)) register(fromBase64(value), redact)
    for (const key of spec.keys) keys.push(await pullKey(spec, key, data[key.key], project, ports, reader))
  }
  if (only.length === 0)
    for (const { name: secret, path, keys: own } of vaultSecrets)
      keys.push(...own.map(({ key }): PulledKey => ({ secret, key, file: null, outcome: 'in-vault', path })))
  const files = keys.filter(({ outcome }) => outcome === 'pulled' || outcome === 'replaced')
  const full = files.flatMap(({ file }) => (file === null ? [] : [{ file, full: absolutePath(project.dir, file) }]))
  return { environment, namespace, keys, warnings: await notIgnored(full, ports) }
}

/** Who may have the values reads them in Vault: a copy on this machine is what such a secret is to do without. */
function refuseHomes(homes: readonly VaultSecretSpec[], only: readonly string[]): void {
  const home = homes.find(({ name }) => only.includes(name))
  if (home === undefined) return
  throw new ForgeError('E_USAGE', `secret ${home.name} lives in Vault, and has no file that its values could go to`, {
    hint: program('vault', 'kv', 'get', home.path),
    where: showPosition(home.at),
  })
}

async function pullKey(
  { name: secret }: SecretSpec,
  { key, source }: SecretKeySpec,
  value: string | undefined,
  project: Project,
  ports: PullPorts,
  reader: SourceReader,
): Promise<PulledKey> {
  if (source.kind !== 'file') return { secret, key, file: null, outcome: 'elsewhere' }
  const full = absolutePath(project.dir, source.file)
  const file = relativeTo(project.dir, full)
  if (value === undefined) return { secret, key, file, outcome: 'absent' }
  const here = await reader.read(source)
  // Compared as the source gives it: a newline that `trim` takes away is no difference.
  if (here.kind === 'found' && toBase64(here.bytes) === value) return { secret, key, file, outcome: 'same' }
  const old = await ports.files.readBytes(full)
  const copy = old === undefined ? undefined : await keepCopy(project, full, old, ports)
  await ports.files.write(full, fromBase64(value), 0o600)
  return copy === undefined
    ? { secret, key, file, outcome: 'pulled' }
    : { secret, key, file, outcome: 'replaced', copy }
}
