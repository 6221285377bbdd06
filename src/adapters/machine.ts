import { constants, readFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import path from 'node:path'
import type { CredentialFacts } from '../domain/doctor/credentials.ts'
import { isMap } from '../domain/config/path.ts'
import { parseJson } from '../domain/json.ts'
import { expected } from '../expected.ts'
import type { Machine } from '../machine-port.ts'
import { isThere } from './files/there.ts'
import { loadAccess, type KubeconfigRequest } from './kubernetes/kubeconfig.ts'
import { run } from './process.ts'
import { getting } from './tools/getting.ts'

const ASKED = {
  kubectl: ['version', '--client', '--output', 'json'],
  sops: ['--version', '--disable-version-check'],
} as const

/** `access`: which kubeconfig and context lead to a cluster; undefined: forge leads there itself. */
export function thisMachine(
  access: (target: Parameters<Machine['credentials']>[0]) => KubeconfigRequest | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Machine {
  return {
    node: process.versions.node,
    async version(program, signal) {
      const { status, stdout } = await run(program, ASKED[program], { signal })
      return status === 0 ? /\bv?(\d+\.\d+\.\d+\S*?)["\s]/u.exec(`${stdout}\n`)?.[1] : undefined
    },
    getting: (program) => getting(program, 'E_TOOL_MISSING', env),
    async credentials(target) {
      const request = access(target)
      return request === undefined ? undefined : await credentialsBy(request, env)
    },
  }
}

async function credentialsBy(request: KubeconfigRequest, env: NodeJS.ProcessEnv): Promise<CredentialFacts> {
  const { config, context, server, user, plugin } = await loadAccess(request, env)
  const entry = config.getCurrentUser()
  const certificateEnds = endOfCertificate(entry?.certData, entry?.certFile)
  const tokenEnds = plugin === undefined ? endOfToken(entry?.token) : undefined
  const { command, installHint } = plugin ?? {}
  return {
    ...{ context, server, user },
    ...(certificateEnds === undefined ? {} : { certificateEnds }),
    ...(tokenEnds === undefined ? {} : { tokenEnds }),
    ...(command === undefined
      ? {}
      : {
          plugin: {
            command,
            isThere: await isProgram(command, env),
            ...(installHint === undefined ? {} : { installHint }),
          },
        }),
  }
}

function endOfCertificate(data: string | undefined, file: string | undefined): number | undefined {
  if ((data ?? file ?? '') === '') return undefined
  try {
    const pem = data === undefined || data === '' ? readFileSync(file ?? '') : Buffer.from(data, 'base64')
    return new X509Certificate(pem).validToDate.getTime()
  } catch (error) {
    // What cannot be read is told where it is used.
    expected(error)
    return undefined
  }
}

/** Of a JSON Web Token, as of service accounts: it says itself when it ends. */
function endOfToken(token: string | undefined): number | undefined {
  const payload = parseJson(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8'))
  const end = isMap(payload) ? payload['exp'] : undefined
  return typeof end === 'number' ? end * 1000 : undefined
}

async function isProgram(command: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (command.includes(path.sep)) return await isThere(command, constants.X_OK)
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '')
  const found = await Promise.all(folders.map(async (one) => await isThere(path.join(one, command), constants.X_OK)))
  return found.includes(true)
}
