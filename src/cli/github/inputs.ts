import { flagsIn, wordsIn, type StepInputs } from '../step/inputs.ts'

/** What a step of a workflow asks of the action (action.yml), and where it runs. */
export interface ActionInputs extends StepInputs {
  /** A path, or the file itself. */
  readonly kubeconfig: string
  /** `4`, `3.22.0`; empty: any. */
  readonly helmVersion: string
  readonly isUntrusted: boolean
  /** Undefined: no comment is to be written. */
  readonly pull: { readonly number: number; readonly token: string } | undefined
}

export interface Job {
  readonly workspace: string
  readonly temp: string
  /** Files of the runner; undefined where there is none. */
  readonly outputFile: string | undefined
  readonly summaryFile: string | undefined
  readonly repository: string
  readonly api: string
  readonly commit: string
  /** `https://github.com/acme/shop/actions/runs/1` */
  readonly runUrl: string
}

type Env = Readonly<Record<string, string | undefined>>

/** Inputs come by the environment: nothing of them is ever part of a script. They end here, and no child has them. */
const PREFIX = 'FORGE_ACTION_'

/** `event`: what GITHUB_EVENT_PATH has. Throws a text for what is wrong with the inputs. */
export function readInputs(env: Env, event: unknown): ActionInputs {
  const input = (name: string): string => (env[`${PREFIX}${name}`] ?? '').trim()
  const command = input('COMMAND')
  const pull = pullRequestIn(event)
  const token = input('TOKEN')
  const comments = isOn(input('COMMENT')) && token !== '' && pull !== undefined
  return {
    words: wordsIn(command),
    env: input('ENV'),
    args: flagsIn(env[`${PREFIX}ARGS`] ?? ''),
    kubeconfig: env[`${PREFIX}KUBECONFIG`] ?? '',
    context: input('CONTEXT'),
    dir: input('DIR') || '.',
    helmVersion: input('HELM_VERSION'),
    isUntrusted: isUntrusted(input('UNTRUSTED'), pull, env['GITHUB_REPOSITORY'] ?? ''),
    pull: comments ? { number: pull.number, token } : undefined,
  }
}

export function readJob(env: Env): Job {
  const server = env['GITHUB_SERVER_URL'] ?? 'https://github.com'
  const repository = env['GITHUB_REPOSITORY'] ?? ''
  return {
    workspace: env['GITHUB_WORKSPACE'] ?? '.',
    temp: env['RUNNER_TEMP'] ?? '/tmp',
    outputFile: env['GITHUB_OUTPUT'],
    summaryFile: env['GITHUB_STEP_SUMMARY'],
    repository,
    api: env['GITHUB_API_URL'] ?? 'https://api.github.com',
    commit: (env['GITHUB_SHA'] ?? '').slice(0, 12),
    runUrl: `${server}/${repository}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}`,
  }
}

type ChildInputs = Pick<ActionInputs, 'isUntrusted' | 'helmVersion'>

/** What forge is started with: nothing of the inputs, a kubeconfig and a token among them. */
export function childEnv(env: Env, { isUntrusted: untrusted, helmVersion: version }: ChildInputs): Env {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith(PREFIX))
  return {
    ...Object.fromEntries(kept),
    ...(untrusted ? { FORGE_UNTRUSTED: '1' } : {}),
    ...(version === '' ? {} : { FORGE_HELM_VERSION: version }),
  }
}

interface PullRequest {
  readonly number: number
  /** `acme/shop`; undefined: it was deleted. */
  readonly from: string | undefined
}

function pullRequestIn(event: unknown): PullRequest | undefined {
  const { pull_request: pull } = (event ?? {}) as {
    readonly pull_request?: {
      readonly number?: number
      readonly head?: { readonly repo?: { readonly full_name?: string } | null }
    }
  }
  if (pull?.number === undefined) return undefined
  return { number: pull.number, from: pull.head?.repo?.full_name }
}

/** Where nothing is said: what comes from another repository is. */
function isUntrusted(said: string, pull: PullRequest | undefined, repository: string): boolean {
  if (said === '' || said === 'auto') return pull !== undefined && pull.from !== repository
  return isOn(said)
}

function isOn(text: string): boolean {
  return !/^(?:|0|no?|off|false)$/iu.test(text)
}
