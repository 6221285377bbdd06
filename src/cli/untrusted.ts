import { resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import type * as Interfaces from '@oclif/core/interfaces'
import type { Allowance } from '../domain/trust/model.ts'
import { filesIn } from '../domain/values/set-option.ts'

const helpGroup = 'UNTRUSTED CHECKOUT'

/** Said by who calls forge, never by the checkout (docs/security.md). */
export const untrustedFlags = {
  untrusted: Flags.boolean({
    env: 'FORGE_UNTRUSTED',
    description: 'strangers may have changed the checkout: run nothing of it, read nothing outside it',
    helpGroup,
  }),
  'allow-env': Flags.string({
    env: 'FORGE_ALLOW_ENV',
    helpValue: 'NAME,…',
    description: 'environment variables that it may read all the same',
    helpGroup,
  }),
  'allow-chart': Flags.string({
    env: 'FORGE_ALLOW_CHART',
    helpValue: 'ADDRESS,…',
    description: 'where it may fetch charts from all the same (oci://ghcr.io/acme)',
    helpGroup,
  }),
}

export type UntrustedFlags = Interfaces.InferredFlags<typeof untrustedFlags>

export interface UntrustedRun extends Allowance {
  /** Paths that the command line names, absolute. */
  readonly given: readonly string[]
}

/** Flags that name a file or a folder, to be read or written. */
export const PATH_FLAGS: readonly string[] =
  'backup events evidence from kubeconfig metrics out plan values write-values'.split(' ')

export type Given = Readonly<Record<string, unknown>>

/** Undefined: the checkout is trusted. `known`: the flags of the command. */
export function untrustedRun(flags: Given, known: object, env: NodeJS.ProcessEnv): UntrustedRun | undefined {
  if (flags['untrusted'] !== true && !isOn(env['FORGE_UNTRUSTED'])) return undefined
  const has = (name: string): boolean => flags[name] !== undefined && flags[name] !== false
  return {
    variables: listIn(flags['allow-env']),
    charts: listIn(flags['allow-chart']),
    choosesCluster: 'context' in known && !has('context'),
    builds: 'skip-build' in known && !has('skip-build') && !has('plan'),
    given: namedPaths(flags).flatMap(({ paths }) => paths),
  }
}

export interface NamedPath {
  readonly flag: string
  readonly text: string
  /** Some are meant from where forge was started, some from the folder of `-C`. */
  readonly paths: readonly string[]
}

export function namedPaths(flags: Given): NamedPath[] {
  const dir = typeof flags['dir'] === 'string' ? flags['dir'] : '.'
  const named = [
    ...PATH_FLAGS.map((flag) => [flag, textsIn(flags[flag])] as const),
    ['set-file', textsIn(flags['set-file']).flatMap(filesIn)] as const,
  ]
  return named.flatMap(([flag, texts]) =>
    texts.map((text) => ({ flag, text, paths: [...new Set([resolve(text), resolve(dir, text)])] })),
  )
}

/** On the safe side of what oclif takes for yes: only what says no clearly is no. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !/^(?:|0|no?|off|false)$/iu.test(value.trim())
}

function listIn(value: unknown): string[] {
  return textsIn(value)
    .flatMap((text) => text.split(',').map((one) => one.trim()))
    .filter((one) => one !== '')
}

function textsIn(value: unknown): string[] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter((one) => typeof one === 'string')
}
