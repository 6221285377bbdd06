import { homedir } from 'node:os'
import path from 'node:path'

type Env = Readonly<Record<string, string | undefined>>

/** What can be made again: built and downloaded programs. */
export function cacheFolder(env: Env, ...parts: readonly string[]): string {
  return path.join(base(env, 'XDG_CACHE_HOME', '.cache'), 'forge', ...parts)
}

/** What describes this machine's state: running sandboxes. */
export function stateFolder(env: Env, ...parts: readonly string[]): string {
  return path.join(base(env, 'XDG_STATE_HOME', path.join('.local', 'state')), 'forge', ...parts)
}

/** A relative path in an XDG variable is invalid and ignored (XDG Base Directory Specification). */
function base(env: Env, variable: string, usual: string): string {
  const given = env[variable]
  return given !== undefined && path.isAbsolute(given) ? given : path.join(env['HOME'] ?? homedir(), usual)
}
