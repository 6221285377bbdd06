/**
 * What the API server warns of beside a workload that it takes: its pods, by the level that the namespace warns of, which is the
 * enforced one unless it says otherwise. Undefined: nothing that the enforced level would refuse.
 */
export function judgeWarnings(warnings: readonly string[], enforced: string | undefined): string | undefined {
  const said = warnings.flatMap((one) => /would (violate PodSecurity "([a-z]+):.*)$/su.exec(one) ?? [])
  const [, reason, level] = said
  return reason !== undefined && level === enforced ? reason.replace(/^violate/u, 'violates') : undefined
}

export interface Refused {
  readonly by: 'PodSecurity' | 'limitranges' | 'resourcequotas'
  /** Otherwise it depends on what runs by then. */
  readonly certain: boolean
  readonly reason: string
}

/**
 * Why the API server would not take a pod, where that says something of every pod of its kind. A quota counts what runs now, which
 * the deploy may replace. Undefined: what comes with the deploy (its ServiceAccount, its PriorityClass) may be missing yet.
 */
export function judgeAdmission(message: string): Refused | undefined {
  const reason = message.replace(/^pods "[^"]*" is forbidden: /u, '')
  if (/violates PodSecurity/u.test(reason)) return { by: 'PodSecurity', certain: true, reason }
  if (/(?:maximum|minimum) \S+ usage per |limit to request ratio/u.test(reason))
    return { by: 'limitranges', certain: true, reason }
  // In a namespace with such a quota a pod must state what it asks for, whatever else runs.
  if (/failed quota: .*must specify/u.test(reason)) return { by: 'resourcequotas', certain: true, reason }
  return /exceeded quota/u.test(reason) ? { by: 'resourcequotas', certain: false, reason } : undefined
}
