import { hexOf, type Relation } from '../../domain/gitops/revision.ts'
import { hasWanted, judgeOwners, revisionsIn } from '../../domain/gitops/judge.ts'
import { fluxSpec } from '../../domain/gitops/shapes.ts'
import type { FollowContext, Standing } from '../../domain/gitops/standing.ts'
import { keyOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { forge } from '../../hint.ts'
import { appliersIn, type Chain } from './chain.ts'
import type { Following } from './ports.ts'

/** How all that apply stand by what is known now; asks the history of the checkout, never the cluster. */
export class Judging {
  readonly #following: Following
  readonly #relations = new Map<string, Relation>()

  constructor(following: Following) {
    this.#following = following
  }

  async standings(chain: Chain): Promise<Standing[]> {
    const { had, wanted } = this.#following
    await this.#relate([...chain.objects.values()])
    const found = judgeOwners(appliersIn(chain), this.context(chain))
    for (const object of chain.objects.values()) if (hasWanted(object, { wanted })) had.add(keyOf(object))
    return found
  }

  context(chain: Chain): FollowContext {
    const { wanted, had, scope } = this.#following
    return {
      ...{ wanted, had },
      get: (ref) => chain.objects.get(keyOf(ref)),
      isOurs: (source) => this.#ours(chain).has(keyOf(source)),
      relation: (revision) => this.#relations.get(hexOf(revision) ?? '') ?? 'unknown',
      resume: forge('resume', ...scope.flags),
    }
  }

  /** The sources that the wanted revision can be one of: those of this repository, as far as addresses tell. */
  sources(chain: Chain): ObjectRef[] {
    const ours = this.#ours(chain)
    return [...chain.refs.values()].filter((ref) => ours.has(keyOf(ref)))
  }

  #ours({ objects, refs }: Chain): Set<string> {
    const { wanted, origin } = this.#following
    const isOci = wanted.algorithm === 'sha256' || wanted.hex.length > 40
    const all = [...refs.values()].filter(({ kind }) => kind === 'GitRepository' || (isOci && kind === 'OCIRepository'))
    const asked = isOci ? all.filter(({ kind }) => kind === 'OCIRepository') : all
    const known = asked.filter((ref) => isSameAddress(fluxSpec(objects.get(keyOf(ref))?.['spec']).url, origin))
    return new Set((known.length > 0 ? known : asked).map(keyOf))
  }

  async #relate(objects: readonly KubeObject[]): Promise<void> {
    const { commits, wanted } = this.#following
    if (commits === undefined) return
    const seen = new Set(objects.flatMap(revisionsIn).flatMap((one) => hexOf(one) ?? []))
    for (const commit of seen) {
      if (this.#relations.has(commit) || commit.startsWith(wanted.hex)) continue
      this.#relations.set(commit, await commits.relation(commit, wanted.hex))
    }
  }
}

/** `ssh://git@github.com/me/shop`, `git@github.com:me/shop.git` and `https://github.com/me/shop.git` are one. */
export function isSameAddress(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [plainAddress(one), plainAddress(other)]
  return a !== undefined && a === b
}

function plainAddress(url: string | undefined): string | undefined {
  const [, host, path] =
    /^(?:[a-z+]+:\/\/)?(?:[^@/]+@)?([^:/]+)(?::\d+)?[:/](.+?)(?:\.git)?\/?$/iu.exec(url ?? '') ?? []
  return host === undefined || path === undefined ? undefined : `${host.toLowerCase()}/${path}`
}
