import { flagsIn, wordsIn, type StepInputs } from '../step/inputs.ts'

/** What a template of k8s/argo asks for. */
export interface ArgoInputs extends StepInputs {
  /** Where what came of it is left, for the outputs of the template. */
  readonly out: string
  /** The workflow, as the lock and the journal have it. */
  readonly holder: string
  /** `5m`: how long a deploy of this workflow that is still going back is waited for. */
  readonly wait: string
}

type Env = Readonly<Record<string, string | undefined>>

/** Parameters come by the environment: nothing of them is ever part of a script. They end here, and no child has them. */
const PREFIX = 'FORGE_ARGO_'

/** Throws a RangeError for what is wrong. */
export function readInputs(env: Env): ArgoInputs {
  const input = (name: string): string => (env[`${PREFIX}${name}`] ?? '').trim()
  const out = input('OUT')
  if (!out.startsWith('/')) throw new RangeError(`FORGE_ARGO_OUT is to be an absolute folder, not "${out}"`)
  return {
    words: wordsIn(input('COMMAND')),
    env: input('ENV'),
    args: flagsIn(env[`${PREFIX}ARGS`] ?? ''),
    context: input('CONTEXT'),
    dir: input('DIR') || '.',
    out,
    holder: env['FORGE_HOLDER'] ?? '',
    wait: input('WAIT') || '10m',
  }
}

/** What forge is started with. */
export function childEnv(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(PREFIX)))
}
