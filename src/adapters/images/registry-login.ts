import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, type PlainMap } from '../../domain/config/path.ts'
import { parseJson } from '../../domain/json.ts'
import { unlessItFails } from '../../expected.ts'
import { run } from '../process.ts'
import type { Login } from './registry-auth.ts'

interface Place {
  readonly env: NodeJS.ProcessEnv
  readonly home: string
}

/** docker.io's logins are under its first address. */
const HUB = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io']

/**
 * The login for a registry, from where podman and docker keep it (containers-auth.json(5), docker's config.json): in the file, or
 * with a helper (https://github.com/docker/docker-credential-helpers). What cannot be read is no login.
 */
export async function loginFor(
  host: string,
  repository: string,
  { env, home }: Place,
  signal: AbortSignal,
): Promise<Login | undefined> {
  for (const file of filesOf(env, home)) {
    const config = jsonOf(await unlessItFails(readFile(file, 'utf8'), () => ''))
    const found = config === undefined ? undefined : await loginIn(config, host, repository, signal)
    if (found !== undefined) return found
  }
  return undefined
}

function filesOf(env: NodeJS.ProcessEnv, home: string): string[] {
  const own = env['REGISTRY_AUTH_FILE']
  const runtime = env['XDG_RUNTIME_DIR']
  return [
    ...(own === undefined || own === '' ? [] : [own]),
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'containers', 'auth.json')]),
    join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'containers', 'auth.json'),
    join(env['DOCKER_CONFIG'] ?? join(home, '.docker'), 'config.json'),
  ]
}

async function loginIn(
  config: PlainMap,
  host: string,
  repository: string,
  signal: AbortSignal,
): Promise<Login | undefined> {
  const keys = keysOf(host, repository)
  const helpers = isMap(config['credHelpers']) ? config['credHelpers'] : {}
  const named = keys.map((key) => helpers[key]).find((one) => typeof one === 'string')
  const helper = named ?? config['credsStore']
  const asked = typeof helper === 'string' ? await askHelper(helper, host, signal) : undefined
  if (asked !== undefined) return asked
  const auths = isMap(config['auths']) ? config['auths'] : {}
  const entry = keys.map((key) => auths[key] ?? auths[`https://${key}`]).find(isMap)
  return entry === undefined ? undefined : loginOf(entry)
}

/** A login may be for a part of a registry: the longest that fits. */
function keysOf(host: string, repository: string): string[] {
  const parts = repository.split('/')
  const within = parts.map((_, at) => [host, ...parts.slice(0, parts.length - at)].join('/'))
  return [...within, ...(host === 'docker.io' ? HUB : [host])]
}

function loginOf(entry: PlainMap): Login | undefined {
  const token = entry['identitytoken']
  if (typeof token === 'string' && token !== '') return { kind: 'token', token }
  const auth = entry['auth']
  const text = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : ''
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The secret comes on stdout, and stays in memory. */
async function askHelper(helper: string, host: string, signal: AbortSignal): Promise<Login | undefined> {
  if (!/^[\w-]+$/u.test(helper)) return undefined
  const input = host === 'docker.io' ? (HUB[0] ?? host) : host
  const { status, stdout } = await run(`docker-credential-${helper}`, ['get'], { input, signal })
  const told = status === 0 ? jsonOf(stdout) : undefined
  const [user, password] = [told?.['Username'], told?.['Secret']]
  if (typeof user !== 'string' || typeof password !== 'string' || password === '') return undefined
  return user === '<token>' ? { kind: 'token', token: password } : { kind: 'password', user, password }
}

function jsonOf(text: string): PlainMap | undefined {
  const value = parseJson(text)
  return isMap(value) ? value : undefined
}
