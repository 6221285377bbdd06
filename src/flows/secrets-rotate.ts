import { absolutePath } from '../domain/config/file-path.ts'
import type { Project, SecretKeySpec, SecretSpec } from '../domain/config/model.ts'
import { showPosition } from '../domain/config/position.ts'
import { suggestion } from '../domain/config/nearest.ts'
import { SECRET_KIND } from '../domain/journal/labels.ts'
import { isMade } from '../domain/secrets/made.ts'
import { dataOf, toBase64 } from '../domain/secrets/plan.ts'
import { ForgeError } from '../errors.ts'
import { forge, type Hint } from '../hint.ts'
import type { DeployPorts } from './phases/ports.ts'
import { managedRefusal, requireWritable } from './observe/gitops.ts'
import type { SecretSink } from './project/ports.ts'
import { comparedSecrets } from './secrets-apply.ts'
import type { DeployEnd } from './deploy/deploy.ts'
import type { GeneratedFile, GeneratePorts } from './secrets-files.ts'
import { generateSecrets, requireSecrets } from './secrets-generate.ts'
import { applyAndRestart, type RestartRequest } from './secrets-restart.ts'
import { inAnyCase } from './in-any-case.ts'
import { rotateHome } from './secrets-rotate-home.ts'

export type RotatePorts = DeployPorts & Pick<GeneratePorts, 'maker' | 'versionControl' | 'alone' | 'stateFolder'>

export interface RotateEnd {
  readonly end: DeployEnd
  readonly keys: readonly string[]
  /** The files with the new values, and where the old ones are. Empty when the old values came back. */
  readonly files: readonly GeneratedFile[]
  /** The path in Vault that has the new values. */
  readonly vault?: string
}

/** A key of a secret with its file and the bytes that it had. */
interface Before {
  readonly key: string
  readonly full: string
  readonly bytes: Uint8Array
}

/**
 * New values into the files that forge makes, then into the cluster, then a restart of exactly the consumers. If they do
 * not become ready, or the rotation is refused, the old values come back, in the cluster and in the files. Throws
 * E_SECRET_ROTATION for what forge cannot rotate.
 */
export async function rotateSecret(
  project: Project,
  ports: RotatePorts,
  target: string,
  request: Omit<RestartRequest, 'names' | 'command'>,
): Promise<RotateEnd> {
  requireWritable(managedRefusal(project))
  const [name, key] = target.split('/', 2)
  const home = project.vaultSecrets?.find((one) => one.name === name)
  if (home !== undefined) {
    const { end, keys, path } = await rotateHome(project, home, key, ports, request)
    return { end, keys, files: [], ...(end.error === undefined ? { vault: path } : {}) }
  }
  const { spec, keys, wanted } = chooseKeys(project, target)
  refuseKeys(project, spec, keys)
  const before = await readBefore(project, spec, keys, ports)
  const { cluster, charts } = await ports.connect(project.environment.cluster)
  await refuseOthers(project, spec, keys, { ...ports.project, cluster, charts }, ports.redactor)
  const force = { only: [], force: [spec.name], ...(wanted === undefined ? {} : { keys: [wanted] }) }
  const { maker, versionControl, alone, stateFolder } = ports
  const connect = () => Promise.resolve(cluster)
  const made = await generateSecrets(
    project,
    { ...ports.project, maker, versionControl, alone, stateFolder, connect },
    ports.redactor,
    force,
  )
  const end = await applyAndRestart(ports, { ...request, names: [spec.name], command: 'secrets rotate' }).catch(
    async (error: unknown) => {
      await putBack(before, ports)
      throw error
    },
  )
  const names = keys.map(({ key }) => key)
  const replaced = made.files.filter(({ outcome }) => outcome === 'replaced')
  if (end.error === undefined) return { end, keys: names, files: replaced }
  const back = await followCluster(project, spec, before, end, ports)
  return { end, keys: names, files: back ? [] : replaced }
}

/** `NAME` or `NAME/KEY`; a certificate and its key are one. */
function chooseKeys(
  project: Project,
  target: string,
): { spec: SecretSpec; keys: readonly SecretKeySpec[]; wanted: string | undefined } {
  const [name = '', wanted] = target.split('/', 2)
  requireSecrets(project, [name], 'list')
  const spec = project.secrets.find((one) => one.name === name)
  if (spec === undefined) throw new Error('requireSecrets let an unknown secret pass')
  const names = spec.keys.map(({ key }) => key)
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new ForgeError('E_USAGE', `secret ${name} has no key "${wanted}"${suggestion(wanted, names)}`, {
      hint: forge('secrets', 'list', '--env', project.environment.name),
    })
  }
  const whole = wanted === undefined || spec.generate?.kind === 'certificate'
  const keys = spec.keys.filter(({ key }) => (whole ? key !== 'ca.crt' : key === wanted))
  return { spec, keys, wanted: whole ? undefined : wanted }
}

/** What forge must not, or cannot, make anew by itself, with what to do instead. */
function refuseKeys({ environment }: Project, spec: SecretSpec, keys: readonly SecretKeySpec[]): void {
  const refuse = (message: string, hint: Hint): never => {
    throw new ForgeError('E_SECRET_ROTATION', message, { hint, where: showPosition(spec.at) })
  }
  const bound = keys.filter(({ rollback }) => rollback !== 'restore').map(({ key }) => key)
  const free = keys.filter(({ rollback }) => rollback === 'restore').map(({ key }) => key)
  const env = ['--env', environment.name]
  const apply = forge('secrets', 'apply', ...env, '--restart')
  if (bound.length > 0) {
    const what = `${bound.join(', ')} of secret ${spec.name} ${bound.length === 1 ? 'is' : 'are'} not forge's to rotate (rollback: keep or refuse): the other half lives elsewhere and would not follow`
    const [other] = free
    const instead = `change it there, then put the new value into its source and apply it with --restart`
    refuse(
      `${what}; ${instead}`,
      other === undefined ? apply : forge('secrets', 'rotate', `${spec.name}/${other}`, ...env),
    )
  }
  const elsewhere = keys.find(({ source }) => source.kind !== 'file')
  if (elsewhere !== undefined) {
    const { key, source } = elsewhere
    refuse(
      `key ${key} of secret ${spec.name} comes from ${source.kind}, which forge does not write; change it there`,
      apply,
    )
  }
  const isAuthority = spec.generate?.kind === 'certificate' && spec.type !== 'kubernetes.io/tls'
  const notMade = keys.find((one) => !isMade(spec, one))
  if (!isAuthority && notMade === undefined) return
  const why = isAuthority ? 'holds a CA, on which other certificates hang' : notMadeText(spec, notMade)
  refuse(`secret ${spec.name} ${why}: put a new value into its files instead`, apply)
}

function notMadeText({ keys }: SecretSpec, notMade: SecretKeySpec | undefined): string {
  const isAll = keys.every(({ length }) => length === undefined)
  return isAll ? 'has no "generate"' : `has no "generate" for key ${notMade?.key ?? ''}`
}

/** The other keys of the secret must be what the cluster has: else a rotation would bring their changes along. */
async function refuseOthers(
  project: Project,
  spec: SecretSpec,
  keys: readonly SecretKeySpec[],
  ports: Parameters<typeof comparedSecrets>[1],
  redact: SecretSink,
): Promise<void> {
  const rest = spec.keys.filter((key) => !keys.includes(key))
  if (rest.length === 0) return
  const { plans } = await comparedSecrets({ ...project, secrets: [{ ...spec, keys: rest }] }, ports, redact)
  const changed = plans.flatMap(({ changedKeys }) => changedKeys)
  if (changed.length === 0) return
  const env = project.environment.name
  const message = `${changed.join(', ')} of secret ${spec.name} would change too: the sources are not what the cluster has`
  throw new ForgeError('E_SECRET_ROTATION', message, {
    hint: forge('secrets', 'diff', '--env', env),
    where: showPosition(spec.at),
  })
}

/** The files as they are, to be put back if the rotation fails. */
async function readBefore(
  project: Project,
  spec: SecretSpec,
  keys: readonly SecretKeySpec[],
  { project: { files } }: RotatePorts,
): Promise<Before[]> {
  const env = project.environment.name
  const found: Before[] = []
  for (const { key, source } of keys) {
    if (source.kind !== 'file') continue
    const full = absolutePath(project.dir, source.file)
    const bytes = await files.readBytes(full)
    if (bytes === undefined) {
      throw new ForgeError(
        'E_SECRET_ROTATION',
        `${source.file} is missing: fetch the value that runs before it changes`,
        {
          hint: forge('secrets', 'pull', '--env', env, '--only', spec.name),
          where: showPosition(source.at),
        },
      )
    }
    found.push({ key, full, bytes })
  }
  return found
}

async function putBack(before: readonly Before[], { project: { files } }: RotatePorts): Promise<void> {
  for (const { full, bytes } of before) await files.write(full, bytes, 0o600)
}

/**
 * After a rotation that failed: the files hold what the cluster holds. True: the old values. Where the cluster has the new
 * ones still (it could not go back, or does not answer), the new files stay, and the old ones in the state folder.
 */
async function followCluster(
  project: Project,
  { name }: SecretSpec,
  before: readonly Before[],
  { report }: DeployEnd,
  ports: RotatePorts,
): Promise<boolean> {
  if (report.outcome !== 'refused') {
    const { namespace } = project.environment
    const { cluster } = await ports.connect(project.environment.cluster)
    // A signal of its own: an interrupted rotation must not leave the files behind the cluster.
    const asked = cluster.get({ ...SECRET_KIND, namespace, name }, new AbortController().signal)
    const live = await inAnyCase(asked, ports)
    const data = live === undefined ? {} : dataOf(live)
    const isNew = await Promise.all(
      before.map(async ({ key, full }) => {
        const now = await ports.project.files.readBytes(full)
        return data[key] === undefined || (now !== undefined && data[key] === toBase64(now))
      }),
    )
    if (isNew.some(Boolean)) return false
  }
  await putBack(before, ports)
  return true
}
