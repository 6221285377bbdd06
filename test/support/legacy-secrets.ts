import { join } from 'node:path'

const CERTS = ['infra', 'secrets', 'certs']
const KEYS = ['infra', 'secrets', 'keys']

const SIGNING = ['session_signing_secret', 'csrf_signing_secret', 'oidc_google', 'oidc_microsoft', 'oidc_keycloak']
const ROLES = ['app_owner', 'app_user', 'app_ro', 'temporal'].map((role) => `postgres_${role}_pw`)

/** The five Secrets of the example's old stack, as its script made them: `run` is kubectl in the namespace. */
export async function makeLegacySecrets(
  dir: string,
  run: (args: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const keys = async (name: string, ...files: readonly string[]): Promise<void> => {
    const from = files.map((key) => `--from-file=${key}=${join(dir, ...KEYS, `${key}.txt`)}`)
    await run(['create', 'secret', 'generic', name, ...from])
  }
  const certs = join(dir, ...CERTS)
  const ca = ['ca-bundle', 'root-ca', 'intermediate-ca'].map(
    (name) => `--from-file=${join(certs, 'ca', `${name}.crt`)}`,
  )
  const pair = [
    `--cert=${join(certs, 'postgres', 'server-chain.crt')}`,
    `--key=${join(certs, 'postgres', 'server.key')}`,
  ]
  await Promise.all([
    keys('postgres-secrets', 'postgres_password', ...ROLES),
    keys('redis-secrets', 'redis_password'),
    keys('app-secrets', ...SIGNING),
    run(['create', 'secret', 'generic', 'postgres-ca', ...ca]),
    run(['create', 'secret', 'tls', 'postgres-tls', ...pair]),
  ])
}
