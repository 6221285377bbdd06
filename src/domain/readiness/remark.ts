import type { Hint } from '../../hint.ts'
import type { Judge, Target } from './model.ts'

/** A word on a workload that is ready all the same. */
export interface Remark {
  readonly workload: string
  /** `db-1, db-0 run an older revision until they are deleted (updateStrategy OnDelete)` */
  readonly what: string
  /** The command that ends it. */
  readonly hint: Hint | undefined
}

/** As it is told: the command as a line. */
export interface ToldRemark extends Pick<Remark, 'workload' | 'what'> {
  readonly hint: string | null
}

export function remarksOn(
  targets: readonly (Target & { readonly label?: string })[],
  judge: Pick<Judge, 'verdict'>,
  at: number,
): Remark[] {
  return targets.flatMap((target) => {
    const verdict = judge.verdict(target, at)
    if (verdict.state !== 'ready' || verdict.remark === undefined) return []
    return [{ workload: target.label ?? target.name, what: verdict.remark, hint: verdict.hint }]
  })
}
