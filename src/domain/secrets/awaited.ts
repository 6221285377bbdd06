import { placedName, type KubeObject, type ObjectRef } from '../kube.ts'
import { resourceEvidence } from './maker-resources.ts'
import { programEvidence } from './maker-programs.ts'

/** What a pod needs of a Secret that is not there. */
export interface Wanted {
  readonly namespace: string
  readonly secret: string
  /** The Secret is, or will be, there, and lacks this. Undefined: there is none. */
  readonly key: string | undefined
  /** The workloads whose pods need it, as `Deployment/web`. They cannot make it themselves: they do not start. */
  readonly by: readonly string[]
}

/** A Secret, or a key of one, that comes from somebody else while the deploy runs. */
export interface Awaited extends Wanted {
  /** What makes it, as far as can be told: the likeliest only. */
  readonly makers: readonly ObjectRef[]
}

/**
 * How surely something makes a Secret: its spec says so; it names it; it may (its name is the beginning of the Secret's, or
 * its account may write Secrets).
 */
export type Evidence = 'says' | 'names' | 'may'

const STRENGTH: readonly Evidence[] = ['says', 'names', 'may']

/** How many makers are worth naming. */
const NAMED = 3

/** `rendered`: what the charts make, hooks that run among it; rights and scripts of programs are looked up in there. */
export function makersOf(
  wanted: Wanted,
  candidates: readonly KubeObject[],
  rendered: readonly KubeObject[],
): ObjectRef[] {
  const found = candidates.flatMap((object) => {
    const evidence = resourceEvidence(object, wanted) ?? programEvidence(object, wanted, rendered)
    return evidence === undefined ? [] : [{ object, evidence }]
  })
  const best = STRENGTH.find((one) => found.some(({ evidence }) => evidence === one))
  return found
    .filter(({ evidence }) => evidence === best)
    .slice(0, NAMED)
    .map(({ object: { apiVersion, kind, metadata } }) => {
      const { name, namespace } = metadata
      return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
    })
}

/** `Secret app-tls`, `key token of Secret app`; outside of `home` with its namespace. */
export function wantedText(
  { secret, namespace, key }: Pick<Wanted, 'secret' | 'namespace' | 'key'>,
  home: string,
): string {
  const place = namespace === home ? '' : ` in namespace ${namespace}`
  return `${key === undefined ? '' : `key ${key} of `}Secret ${secret}${place}`
}

/** `waits for Secret app-tls (made by Certificate app-tls)` */
export function awaitedText(awaited: Omit<Awaited, 'by'>, home: string): string {
  const makers = awaited.makers.map((maker) => placedName(maker, home).replace('/', ' '))
  return `waits for ${wantedText(awaited, home)} (made by ${makers.join(' or ')})`
}

/** Under which the judge finds who makes what its pods lack. */
export function awaitedKey(namespace: string, secret: string): string {
  return `${namespace}/Secret/${secret}`
}
