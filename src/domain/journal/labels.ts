/** Labels of the Secrets in which forge keeps its own state (docs/state.md). */
export const LABELS = {
  project: 'forge.api-forge.io/project',
  deploy: 'forge.api-forge.io/deploy',
  secret: 'forge.api-forge.io/secret',
  revision: 'forge.api-forge.io/revision',
} as const

export const SECRET_KIND = { apiVersion: 'v1', kind: 'Secret' } as const

/** Names of Secrets may be longer than the 63 characters of a label's value; who lists by label compares the name too. */
export function labelValue(name: string): string {
  return name.slice(0, 63).replace(/[^A-Za-z0-9]+$/u, '')
}
