import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ForgeError } from '../../errors.ts'
import { forge, program } from '../../hint.ts'
import type { VaultAccess } from '../../vault-port.ts'

export interface Place {
  /** Without a final slash. */
  readonly address: string
  readonly namespace: string | undefined
  readonly tls: Readonly<Record<string, unknown>>
}

/** The variables of OpenBao's own command go before those of Vault's, as there. */
export function variable(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  return environment[`BAO_${name}`] || environment[`VAULT_${name}`] || undefined
}

/** Throws E_SOURCE_VAULT where nothing says where it is, or a file of its TLS cannot be read. */
export async function placeOf(access: VaultAccess, environment: NodeJS.ProcessEnv): Promise<Place> {
  const address = variable(environment, 'ADDR') ?? access.address
  if (address === undefined)
    throw vaultError('nobody says where Vault is: neither VAULT_ADDR nor vault.address in forge.yaml', {
      hint: forge('explain', 'E_SOURCE_VAULT'),
      where: 'VAULT_ADDR',
    })
  if (!URL.canParse(address) || !/^https?:$/u.test(new URL(address).protocol))
    throw vaultError(`${address} is no address of Vault (https://…)`, {
      hint: forge('explain', 'E_SOURCE_VAULT'),
      where: 'VAULT_ADDR',
    })
  const files = {
    ca: variable(environment, 'CACERT') ?? access.ca,
    cert: variable(environment, 'CLIENT_CERT'),
    key: variable(environment, 'CLIENT_KEY'),
  }
  const read = await Promise.all(
    Object.entries(files).map(async ([name, file]) => (file === undefined ? [] : [[name, await pem(file)] as const])),
  )
  const servername = variable(environment, 'TLS_SERVER_NAME')
  return {
    address: address.replace(/\/+$/u, ''),
    namespace: variable(environment, 'NAMESPACE') ?? access.namespace,
    tls: {
      ...Object.fromEntries(read.flat()),
      ...(servername === undefined ? {} : { servername }),
      ...(isSet(variable(environment, 'SKIP_VERIFY')) ? { rejectUnauthorized: false } : {}),
    },
  }
}

/** As Go reads a boolean. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|t|true)$/iu.test(value)
}

async function pem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    throw vaultError(`${file}, which the connection to Vault needs, cannot be read (${code})`, {
      hint: program('ls', '-l', file),
      where: file,
      cause: error,
    })
  }
}

/** The token that the person's own `vault login` left, if there is one. */
export async function ownToken(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const home = environment['HOME'] ?? homedir()
  try {
    const text = (await readFile(join(home, '.vault-token'), 'utf8')).trim()
    return text === '' ? undefined : text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw vaultError('~/.vault-token cannot be read', {
      hint: program('ls', '-l', '~/.vault-token'),
      where: '~/.vault-token',
      cause: error,
    })
  }
}

export function vaultError(message: string, more: ConstructorParameters<typeof ForgeError>[2]): ForgeError {
  return new ForgeError('E_SOURCE_VAULT', message, more)
}
