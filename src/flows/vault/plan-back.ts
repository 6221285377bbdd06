import type { Project } from '../../domain/config/model.ts'
import type { JournalEntry, JournalHome } from '../../domain/journal/model.ts'
import { isSamePath } from '../../domain/vault/path.ts'
import { broughtBack, rulesAtHome, type HomePlan } from '../../domain/vault/plan.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { VaultStore, VaultVersion } from '../../vault-port.ts'
import type { Resolved } from '../phases/desired.ts'
import type { ObservedRelease } from '../phases/observed.ts'
import type { Found } from '../phases/phases.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { lostText, unlessDenied } from './standing.ts'
import { openStore, readHome } from './store.ts'

type Ports = Pick<DeployPorts, 'project' | 'redactor'>

/**
 * `forge rollback`: what keys of Vault held in the target deploy becomes a new version. Without a checkout the variables of the
 * process say where Vault is. One that cannot be asked is noted, and holds up no rollback; one that has moved must give its values.
 */
export async function planHomesBack<Release extends ObservedRelease>(
  context: Resolved<Release>,
  said: string,
  checkout: Project | undefined,
  ports: Ports,
): Promise<Found<Resolved<Release>>> {
  const then = context.target?.vault ?? []
  if (then.length === 0) return { value: context, said }
  const { notChecked } = context
  const store = await unlessDenied(openStore(checkout ?? context.project, ports.project), (why) => {
    notChecked.push(
      `whether ${then.map(({ path }) => path).join(', ')} in Vault has moved: not checked, ${why.message}`,
    )
  })
  const plans = await Promise.all(
    then.map(async (home) => {
      const now = await unlessDenied(store?.newest(home.path) ?? Promise.resolve(undefined), (why) => {
        notChecked.push(`whether ${home.path} in Vault has moved: not checked, ${why.message}`)
      })
      return await planOne(home, now, store, rulesNow(home, context, checkout), context, ports)
    }),
  )
  const back = plans.filter(({ write }) => write !== undefined).map(({ path }) => path)
  const told = back.length === 0 ? said : `${said}, ${back.join(', ')} in Vault will change`
  return { value: { ...context, homes: { plans, store } }, said: told }
}

/** What is said now goes before what was said then. */
function rulesNow(
  { name, path, rules: then }: JournalHome,
  { liveEntry }: Pick<Resolved, 'liveEntry'>,
  checkout: Project | undefined,
): HomePlan['rules'] {
  const isIt = (one: { readonly name: string; readonly path: string }): boolean =>
    one.name === name && isSamePath(one.path, path)
  const live: JournalEntry['vault'] = liveEntry?.vault
  const spec = checkout?.vaultSecrets?.find(isIt)
  return { ...then, ...live?.find(isIt)?.rules, ...(spec === undefined ? {} : rulesAtHome(spec)) }
}

async function planOne(
  { name, path, keys, version }: JournalHome,
  now: VaultVersion | undefined,
  store: VaultStore | undefined,
  rules: HomePlan['rules'],
  { project }: Pick<Resolved, 'project'>,
  { redactor }: Ports,
): Promise<HomePlan> {
  const plan = { name, path, keys, rules, now }
  if (store === undefined || now === undefined || now.engine === 1 || version === undefined) return plan
  if (version === now.version) return plan
  const refuse = (message: string): ForgeError =>
    new ForgeError('E_ROLLBACK_SECRET', message, {
      hint: forge('deploy', '--env', project.environment.name),
      where: path,
    })
  const [then, present] = [
    await readHome({ path }, store, redactor, version),
    await readHome({ path }, store, redactor),
  ]
  if (then.state !== 'there') throw refuse(`${lostText(path, version, then)}, and secret ${name} would go back to it`)
  const { data, keys: moved, refused } = broughtBack(keys, rules, then, present)
  if (refused.length > 0) throw refuse(`${name} ${refused.join(', ')} may not go back (rollback: refuse)`)
  if (moved.length === 0) return plan
  const { data: own, ...found } = present
  const back = { kind: 'values', data: own, keys: moved, version: found.version } as const
  return { ...plan, now: found, write: { data, keys: moved }, back }
}
