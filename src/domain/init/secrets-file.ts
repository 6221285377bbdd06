import type { SecretFrom, Workload } from './model.ts'

/** Written by init, where secrets stood in the compose file itself. */
export const SECRETS_FILE = 'secrets.env'

export interface SecretLine {
  readonly name: string
  readonly value: string
}

export function ownSecrets(workloads: readonly Workload[]): SecretLine[] {
  const all = workloads.flatMap(({ secretEnv, secretFiles }) => [
    ...Object.values(secretEnv),
    ...Object.values(secretFiles),
  ])
  return all.flatMap((from: SecretFrom) => (from.kind === 'own' ? [from] : []))
}

/** `problem`: a name whose value no quotes of a dotenv file can hold. */
export function secretsText(lines: readonly SecretLine[]): { readonly text: string; readonly unquotable?: string } {
  const unquotable = lines.find(({ value }) => quoted(value) === undefined)?.name
  const head = '# Secrets from the compose file. Not for git; forge.yaml says which Secret each belongs to.\n'
  const text = head + lines.map(({ name, value }) => `${name}=${quoted(value) ?? ''}\n`).join('')
  return { text, ...(unquotable === undefined ? {} : { unquotable }) }
}

/** As the package dotenv reads it: nothing is special between single quotes. */
function quoted(value: string): string | undefined {
  if (!value.includes("'")) return `'${value}'`
  if (!/["\\$`\n]/u.test(value)) return `"${value}"`
  return /[`\\$]/u.test(value) ? undefined : `\`${value}\``
}
