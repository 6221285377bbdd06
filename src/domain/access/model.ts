/** What the API server says one may do in a namespace (SelfSubjectRulesReview). */
export interface AccessRules {
  /** True when the authorizer cannot list its rules (webhooks): then nothing can be concluded from an absent rule. */
  readonly incomplete: boolean
  readonly rules: readonly {
    readonly verbs: readonly string[]
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly resourceNames?: readonly string[]
    readonly nonResourceURLs?: readonly string[]
  }[]
}
