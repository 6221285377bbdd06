import { isMap } from '../../domain/config/path.ts'
import { ForgeError } from '../../errors.ts'
import type { Sources } from '../../ports.ts'
import type { Seen, VaultAccess, VaultExaminer, VaultPlace, VaultRole } from '../../vault-port.ts'
import { mountAt, placeAt, type PlaceIn, type Session } from './mount.ts'
import type { Sessions } from './read.ts'
import { errorsOf, type Answer } from './server.ts'
import { withoutSlashes } from '../../domain/vault/path.ts'

/** Looks, takes no value where it need not, and says why where it may not. */
export function openExaminer(sessions: Sessions): Sources['examineVault'] {
  return async (access, signal) => await Promise.resolve(new Examiner(sessions, access, signal))
}

class Examiner implements VaultExaminer {
  readonly #sessions: Sessions
  readonly #access: VaultAccess
  readonly #signal: AbortSignal
  readonly #asked = new Map<string, Promise<Seen<unknown>>>()

  constructor(sessions: Sessions, access: VaultAccess, signal: AbortSignal) {
    this.#sessions = sessions
    this.#access = access
    this.#signal = signal
  }

  where(): ReturnType<VaultExaminer['where']> {
    return this.#seen(async () => {
      const { server, namespace } = await this.#sessions(this.#access, this.#signal)
      return { kind: 'seen', value: { address: server.address, namespace } }
    })
  }

  role(mount: string, name: string): Promise<Seen<VaultRole>> {
    return this.#once(`auth/${mount}/role/${name}`, async (session, path) => {
      const answer = await ask(session, path)
      return answer.kind === 'seen' ? { kind: 'seen', value: roleOf(answer.value) } : answer
    })
  }

  policy(name: string): Promise<Seen<string>> {
    return this.#once(`sys/policies/acl/${name}`, async (session, path) => {
      const answer = await ask(session, path)
      if (answer.kind !== 'seen') return answer
      const { policy } = answer.value
      return typeof policy === 'string' ? { kind: 'seen', value: policy } : { kind: 'missing' }
    })
  }

  place(path: string): Promise<Seen<VaultPlace>> {
    return this.#once<VaultPlace>(withoutSlashes(path), async (session, clean) => {
      const mounted = await ask(session, `sys/internal/ui/mounts/${clean}`)
      if (mounted.kind !== 'seen') return mounted.kind === 'missing' ? unseenAt(clean) : mounted
      const { path: mount, type, options } = mounted.value
      if (typeof mount !== 'string') return unseenAt(clean)
      const engine = String(type)
      if (engine !== 'kv' && engine !== 'generic')
        return { kind: 'seen', value: { path: clean, keys: undefined, engine } }
      const place = placeAt(clean, mountAt(mount, options))
      const isSecond = place.mount.version === 2
      const found = isSecond ? await keysOfSecond(session, place) : await keysAt(session, place.data)
      if (found.kind !== 'seen') return found
      return { kind: 'seen', value: { path: isSecond ? place.data : clean, keys: found.value, engine } }
    })
  }

  async #once<T>(path: string, look: (session: Session, path: string) => Promise<Seen<T>>): Promise<Seen<T>> {
    const known = this.#asked.get(path)
    if (known !== undefined) return (await known) as Seen<T>
    const asked = this.#seen(async () => await look(await this.#sessions(this.#access, this.#signal), path))
    this.#asked.set(path, asked)
    return await asked
  }

  /** Where Vault is out of reach, or lets nobody in, nothing is seen. */
  async #seen<T>(look: () => Promise<Seen<T>>): Promise<Seen<T>> {
    try {
      return await look()
    } catch (error) {
      if (!(error instanceof ForgeError) || error.code !== 'E_SOURCE_VAULT') throw error
      return { kind: 'unseen', why: error.message }
    }
  }
}

/** Version 2 tells the keys alone, to whom may know them and not what they hold (from Vault 1.10 on). */
async function keysOfSecond(session: Session, { subkeys, data: path }: PlaceIn): Promise<Seen<readonly string[]>> {
  const keys = await ask(session, subkeys)
  if (keys.kind === 'seen' && isMap(keys.value['subkeys']))
    return { kind: 'seen', value: Object.keys(keys.value['subkeys']) }
  const whole = await ask(session, path)
  if (whole.kind === 'unseen' && keys.kind === 'missing') return keys
  if (whole.kind !== 'seen') return whole
  const { data } = whole.value
  return isMap(data) ? { kind: 'seen', value: Object.keys(data) } : { kind: 'missing' }
}

async function keysAt(session: Session, path: string): Promise<Seen<readonly string[]>> {
  const answer = await ask(session, path)
  return answer.kind === 'seen' ? { kind: 'seen', value: Object.keys(answer.value) } : answer
}

/** The `data` of an answer. */
async function ask({ server, token }: Session, path: string): Promise<Seen<Readonly<Record<string, unknown>>>> {
  const answer = await server.get(path, token)
  const { data } = answer.body
  if (answer.status === 200 && isMap(data)) return { kind: 'seen', value: data }
  if (answer.status === 403)
    return { kind: 'unseen', why: `forge's token may not read ${path} in Vault, or is not valid any more` }
  return answer.status === 404 && isPlain(answer) ? { kind: 'missing' } : { kind: 'unseen', why: odd(path, answer) }
}

/** A server that does not know what is asked for says so; where nothing is mounted there is nothing. */
function isPlain(answer: Answer): boolean {
  const errors = errorsOf(answer)
  return errors === '' || errors.includes('no handler for route')
}

function odd(path: string, answer: Answer): string {
  const why = errorsOf(answer)
  return `Vault does not give ${path} (status ${answer.status}${why === '' ? '' : `: ${why}`})`
}

function unseenAt(path: string): Seen<never> {
  return { kind: 'unseen', why: `Vault does not say which engine ${path} is of` }
}

function roleOf(data: Readonly<Record<string, unknown>>): VaultRole {
  const list = (name: string): string[] => {
    const value = data[name]
    return (Array.isArray(value) ? value : []).filter((one) => typeof one === 'string')
  }
  const { audience, bound_service_account_namespace_selector: selector, token_no_default_policy: isBare } = data
  const own = [...list('token_policies'), ...list('policies')]
  return {
    accounts: list('bound_service_account_names'),
    namespaces: list('bound_service_account_namespaces'),
    selects: typeof selector === 'string' && selector !== '',
    audience: typeof audience === 'string' && audience !== '' ? audience : undefined,
    policies: [...new Set([...(isBare === true ? [] : ['default']), ...own])],
  }
}
