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

type Given = Readonly<Record<string, unknown>>

/** Undefined: the checkout is trusted. `known`: the flags of the command. */
export function untrustedRun(flags: Given, known: object, env: NodeJS.ProcessEnv): UntrustedRun | undefined {
  if (flags['untrusted'] !== true && !isOn(env['FORGE_UNTRUSTED'])) return undefined
  const has = (name: string): boolean => flags[name] !== undefined && flags[name] !== false
  return {
    variables: listIn(flags['allow-env']),
    charts: listIn(flags['allow-chart']),
    choosesCluster: 'context' in known && !has('context'),
    builds: 'skip-build' in known && !has('skip-build') && !has('plan'),
    given: Object.entries(flags).flatMap(([name, value]) => {
      const texts = textsIn(value)
      return (name === 'set-file' ? texts.flatMap(filesIn) : texts).map((text) => resolve(text))
    }),
  }
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
