import type { Resolved } from '../phases/desired.ts'

/** Keys that this deploy changed and that may not go back, as `app-secrets oidc_google`. */
export function refusingKeys({ secretPlans, project }: Pick<Resolved, 'secretPlans' | 'project'>): string[] {
  return secretPlans.flatMap(({ name, changedKeys, revisionBefore }) => {
    const rules = rulesOf(name, project)
    return revisionBefore === undefined
      ? []
      : changedKeys.filter((key) => rules[key] === 'refuse').map((key) => `${name} ${key}`)
  })
}

/** What forge.yaml says of keys that do not simply go back. */
export function rulesOf(name: string, { secrets }: Resolved['project']): Readonly<Record<string, 'keep' | 'refuse'>> {
  const keys = secrets.find((one) => one.name === name)?.keys ?? []
  return Object.fromEntries(keys.flatMap(({ key, rollback }) => (rollback === 'restore' ? [] : [[key, rollback]])))
}
