import { keyOf, placedName } from '../kube.ts'
import { isWithin } from '../plan/field-path.ts'
import type { ObjectPlan, Restart } from '../plan/model.ts'

/** Paths by `keyOf`: fields that a sandbox has otherwise, so that their changes are not those of the environment. */
export type Fitted = ReadonlyMap<string, readonly string[]>

/** What a plan would do, as far as an environment and its sandbox have to agree on it. */
export interface Doing {
  readonly plans: readonly Pick<ObjectPlan, 'ref' | 'action' | 'changes'>[]
  readonly restarts: readonly Pick<Restart, 'ref' | 'because'>[]
  readonly secrets: readonly {
    readonly name: string
    readonly action: string
    readonly changedKeys: readonly string[]
  }[]
}

/** So many are named. */
const MOST = 5

/**
 * Sentences without a full stop: what the sandbox's plan says otherwise than the environment's, so that something else was
 * rehearsed. Values are not compared: secrets in them are made up. What may not be read in the environment is not known there.
 */
export function plannedOtherwise(there: Doing, here: Doing, namespace: string, fitted: Fitted = new Map()): string[] {
  const [theirs, ours] = [there, here].map((one) => said(withoutFitted(one, fitted), namespace)) as [Sayings, Sayings]
  const unread = new Set(there.plans.flatMap(({ ref, action }) => (action === 'unknown' ? [keyOf(ref)] : [])))
  const apart = [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((key) => {
    const [one, other] = [theirs.get(key), ours.get(key)]
    if (one?.what === other?.what || unread.has(key.slice(key.indexOf(' ') + 1))) return []
    const name = one?.name ?? other?.name ?? key
    return [`${name} is planned otherwise in the sandbox: ${other?.what ?? NOTHING} instead of ${one?.what ?? NOTHING}`]
  })
  const more = apart.length - MOST
  return more > 0 ? [...apart.slice(0, MOST), `${more} more are planned otherwise in the sandbox`] : apart
}

const NOTHING = 'nothing'

interface Said {
  readonly name: string
  readonly what: string
}

type Sayings = ReadonlyMap<string, Said>

/** A change of nothing else is none. */
function withoutFitted({ plans, ...rest }: Doing, fitted: Fitted): Doing {
  const left = plans.flatMap((plan) => {
    const paths = fitted.get(keyOf(plan.ref)) ?? []
    const changes = plan.changes.filter(({ path }) => !paths.some((outer) => isWithin(path, outer)))
    const isOnlyFitted = plan.action === 'change' && changes.length === 0 && plan.changes.length > 0
    return isOnlyFitted ? [] : [{ ...plan, changes }]
  })
  return { ...rest, plans: left }
}

/** An object that stays as it is, is as good as one that nobody speaks of. */
function said({ plans, restarts, secrets }: Doing, namespace: string): Sayings {
  const doing = plans.flatMap(({ ref, action, changes }): [string, Said][] => {
    const paths = changes.map(({ path }) => path).toSorted()
    const what = paths.length === 0 ? action : `${action} (${paths.join(', ')})`
    return action === 'unchanged' ? [] : [[`object ${keyOf(ref)}`, { name: placedName(ref, namespace), what }]]
  })
  const restarting = restarts.map(({ ref, because }): [string, Said] => {
    const what = `a restart for ${because.toSorted().join(', ')}`
    return [`restart ${keyOf(ref)}`, { name: placedName(ref, namespace), what }]
  })
  const changing = secrets.flatMap(({ name, action, changedKeys }): [string, Said][] => {
    const what = [action, ...changedKeys.toSorted()].join(' ')
    return action === 'unchanged' || action === 'keep' ? [] : [[`secret ${name}`, { name: `Secret/${name}`, what }]]
  })
  return new Map([...doing, ...restarting, ...changing])
}
