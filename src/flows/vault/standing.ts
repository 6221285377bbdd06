import type { VaultSecretSpec } from '../../domain/config/model.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { isEqual } from '../../domain/canonical.ts'
import { isSamePath } from '../../domain/vault/path.ts'
import {
  broughtBack,
  rulesAtHome,
  type HomeBack,
  type HomePlan,
  type Homes,
  type Rotated,
} from '../../domain/vault/plan.ts'
import { codedError, type CodedProblem } from '../../domain/config/problems.ts'
import { obstacleAtHome } from '../../domain/vault/home.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { Once } from '../once.ts'
import type { VaultContent, VaultStore, VaultVersion } from '../../vault-port.ts'
import type { Opened } from '../phases/opened.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { SecretSink } from '../project/ports.ts'
import { openStore, readHome } from './store.ts'

type Ports = Pick<DeployPorts, 'project' | 'redactor'>

/**
 * One request for each path: the number of its newest version. Values are read only where that has moved since the deploy that
 * runs. A Vault that cannot be asked holds up no deploy, since the pods ask it themselves: that is noted.
 */
export async function standingHomes(context: Opened, ports: Ports): Promise<Homes> {
  const { project, liveEntry, notChecked } = context
  const specs = project.vaultSecrets ?? []
  if (specs.length === 0) return { plans: [], store: undefined }
  const store = await unlessDenied(openStore(project, ports.project), (why) => {
    notChecked.push(
      `which versions Vault has of ${specs.map(({ path }) => path).join(', ')}: not checked, ${why.message}`,
    )
  })
  const plans = await Promise.all(
    specs.map(async (spec): Promise<HomePlan> => {
      const plan = { name: spec.name, path: spec.path, keys: spec.keys.map(({ key }) => key), rules: rulesAtHome(spec) }
      if (store === undefined) return { ...plan, now: undefined }
      const now = await unlessDenied(store.newest(spec.path), (why) => {
        notChecked.push(`which version Vault has of ${spec.path}: not checked, ${why.message}`)
      })
      const before = versionThen(spec, liveEntry)
      if (now?.state !== 'there' || before === undefined || before === now.version) return { ...plan, now }
      const back = await backTo(before, plan, store, ports.redactor)
      return { ...plan, now, ...(back === undefined ? {} : { back }) }
    }),
  )
  return { plans, store }
}

/** Of the deploy that runs. */
function versionThen({ name, path }: VaultSecretSpec, live: JournalEntry | undefined): number | undefined {
  return live?.vault?.find((one) => one.name === name && isSamePath(one.path, path))?.version
}

async function backTo(
  version: number,
  { path, keys, rules }: Pick<HomePlan, 'path' | 'keys' | 'rules'>,
  store: VaultStore,
  redactor: SecretSink,
): Promise<HomeBack | undefined> {
  let unknown: string | undefined
  const read = Promise.all([readHome({ path }, store, redactor, version), readHome({ path }, store, redactor)])
  const found = await unlessDenied(read, (why) => (unknown = why.message))
  if (found === undefined) return { kind: 'unknown', why: unknown ?? '' }
  const [then, now] = found
  if (then.state !== 'there') return { kind: 'lost', why: lostText(path, version, then) }
  const { data, keys: moved } = broughtBack(keys, rules, then, now)
  return moved.length === 0 ? undefined : { kind: 'values', data, keys: moved, version: now.version }
}

export function lostText(path: string, version: number, { state }: Pick<VaultContent, 'state'>): string {
  return `version ${version} of ${path} in Vault is ${state === 'nothing' ? 'not kept any more' : state}`
}

/** Undefined where Vault refuses or is out of reach. */
export async function unlessDenied<T>(call: Promise<T>, otherwise: (why: ForgeError) => void): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof ForgeError) || error.code !== 'E_SOURCE_VAULT') throw error
    otherwise(error)
    return undefined
  }
}

/** With new values for keys of one of them: all that was there stays beside, and comes back where it fails. Vault must answer. */
export async function rotatedHomes(context: Opened, { name, values }: Rotated, ports: Ports): Promise<Homes> {
  const homes = await standingHomes(context, ports)
  const spec = context.project.vaultSecrets?.find((one) => one.name === name)
  if (spec === undefined) throw new Error(`${name} does not live in Vault`)
  const store = homes.store ?? (await openStore(context.project, ports.project))
  const { data, ...now } = await readHome(spec, store, ports.redactor)
  refuseRotation(
    spec,
    Object.keys(values).filter((key) => !Object.hasOwn(data, key)),
    now,
    context,
  )
  const plans = homes.plans.map((plan): HomePlan => {
    if (plan.name !== name) return { ...plan }
    const keys = Object.keys(values)
    const back = { kind: 'values', data, keys, version: now.version } as const
    return { ...plan, now, write: { data: { ...data, ...values }, keys }, back }
  })
  return { plans, store }
}

/** Whether these keys hold in the newest version what they held in another. False where that cannot be told. */
export function sameSince(homes: Homes, redactor: SecretSink) {
  const known = new Map<string, Once<VaultContent | undefined>>()
  const contentOf = async (path: string, version: number, store: VaultStore): Promise<VaultContent | undefined> => {
    const key = `${version} ${path}`
    const found = known.get(key) ?? new Once<VaultContent | undefined>()
    known.set(key, found)
    return await found.get(async () => {
      return await unlessDenied(readHome({ path }, store, redactor, version), () => undefined)
    })
  }
  return async (plan: HomePlan, version: number, keys: readonly string[] | undefined): Promise<boolean> => {
    const { store } = homes
    if (store === undefined || plan.now === undefined) return false
    const [then, now] = await Promise.all([
      contentOf(plan.path, version, store),
      contentOf(plan.path, plan.now.version, store),
    ])
    if (then?.state !== 'there' || now?.state !== 'there') return false
    const all = keys ?? [...new Set([...Object.keys(then.data), ...Object.keys(now.data)])]
    return all.every((key) => isEqual(then.data[key] ?? null, now.data[key] ?? null))
  }
}

function refuseRotation(
  spec: VaultSecretSpec,
  missing: readonly string[],
  now: VaultVersion,
  { project }: Opened,
): void {
  const env = project.environment.name
  const hint = forge('secrets', 'generate', '--env', env, '--only', spec.name)
  const obstacle = obstacleAtHome(spec, now)
  const problem: CodedProblem | undefined =
    obstacle ??
    (missing.length === 0
      ? undefined
      : {
          code: 'E_SECRET_ROTATION',
          message: `${spec.path} in Vault has no ${missing.join(', ')} to rotate (secret ${spec.name})`,
          at: spec.at,
          hint,
        })
  const error = problem === undefined ? undefined : codedError([problem], hint)
  if (error !== undefined) throw error
}
