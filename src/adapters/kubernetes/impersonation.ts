import { readFileSync } from 'node:fs'
import type { User } from '@kubernetes/client-node/dist/config_types.js'
import { loadHelmYaml } from '../../domain/manifest/yaml.ts'

/** Headers by which requests are made as somebody else. */
export type Impersonation = Readonly<Record<string, string | string[]>>

interface RawUser {
  readonly as?: unknown
  readonly 'as-uid'?: unknown
  readonly 'as-groups'?: unknown
  readonly 'as-user-extra'?: unknown
}

interface RawFile {
  readonly users?: readonly { readonly name: string; readonly user?: RawUser }[] | null
}

/** Most kubeconfigs name nobody: they are not parsed once more. */
const NAMES_SOMEBODY = /\bas-(?:uid|groups|user-extra)\b/u

/** Whether several headers of one name are needed. */
export function hasLists(impersonation: Impersonation): boolean {
  return Object.values(impersonation).some((value) => Array.isArray(value) && value.length > 1)
}

/**
 * What a user's entry says beside `as`, which is all that client-node knows; helm honours the rest
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation). Throws where no client could.
 */
export function impersonationOf(user: User | null, files: readonly string[]): Impersonation {
  const raw = user === null ? undefined : rawUser(user.name, files)
  const { as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = raw ?? {}
  const named = Object.entries({ 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra }).flatMap(
    ([key, value]) => (value === undefined || value === null ? [] : [key]),
  )
  if (named.length === 0) return {}
  if (typeof as !== 'string' || as === '') throw new Error(`user ${user?.name} has ${named.join(' and ')} without as`)
  return {
    ...(named.includes('as-uid') ? { 'Impersonate-Uid': text(uid, 'as-uid') } : {}),
    ...(named.includes('as-groups') ? { 'Impersonate-Group': texts(groups, 'as-groups') } : {}),
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, value]) => {
        return [`Impersonate-Extra-${escaped(key)}`, texts(value, `as-user-extra ${key}`)]
      }),
    ),
  }
}

/** Of the first file that names the user (kubectl's rule). */
function rawUser(name: string, files: readonly string[]): RawUser | undefined {
  const contents = files.map((file) => readFileSync(file, 'utf8'))
  if (!contents.some((content) => NAMES_SOMEBODY.test(content))) return undefined
  const users = contents.flatMap((content) => (loadHelmYaml(content).value as RawFile | null | undefined)?.users ?? [])
  return users.find((one) => one.name === name)?.user
}

function text(value: unknown, key: string): string {
  if (typeof value === 'string') return value
  throw new Error(`${key} is not a text`)
}

function texts(value: unknown, key: string): string[] {
  if (Array.isArray(value)) return value.map((one) => text(one, `an entry of ${key}`))
  throw new Error(`${key} is not a list`)
}

/** Only what may stand in the name of a header. */
function escaped(key: string): string {
  return encodeURIComponent(key.toLowerCase()).replaceAll(/[()]/gu, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
}
