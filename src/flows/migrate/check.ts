import { ForgeError } from '../../errors.ts'
import { againWithout, kubectl } from '../../hint.ts'
import type { PodCommands } from '../../legacy-port.ts'
import type { Planned } from '../phases/planned.ts'

/** `--check 'Deployment/postgres: psql -tAc "select count(*) from t"'` */
export interface PodCheck {
  /** `Deployment/postgres`: one of its pods. */
  readonly target: string
  /** A line for the shell of its first container. */
  readonly command: string
}

/** What each answered, in the order in which they were asked. */
export type Answers = readonly string[]

/** Throws E_USAGE. */
export function checkIn(text: string): PodCheck {
  const [, target, command] = /^\s*([A-Za-z]+\/[^\s:/]+)\s*:\s*(\S.*)$/su.exec(text) ?? []
  if (target !== undefined && command !== undefined) return { target, command }
  throw new ForgeError(
    'E_USAGE',
    `${text} is no check: it names a workload, a colon, and a command for one of its pods`,
    {
      hint: againWithout(['--check'], '--check', 'Deployment/postgres: pg_isready'),
      where: '--check',
    },
  )
}

type Where = Pick<Planned, 'cluster' | 'project'>

/** Before anything is written. Throws E_MIGRATE_CHECK where one cannot be asked: it would prove nothing afterwards. */
export async function askFirst(
  checks: readonly PodCheck[],
  where: Where,
  pods: PodCommands,
  signal: AbortSignal,
): Promise<Answers> {
  const answers: string[] = []
  for (const check of checks) {
    const { status, said, why } = await ask(check, where, pods, signal)
    if (status !== 0) throw failed(`${check.target} does not answer the check: ${why}`, check, where)
    answers.push(said)
  }
  return answers
}

/** The same once all is ready: each has to answer as before. Throws E_MIGRATE_CHECK. Returns what was proven. */
export async function askAgain(
  checks: readonly PodCheck[],
  before: Answers,
  where: Where,
  pods: PodCommands,
  signal: AbortSignal,
): Promise<string[]> {
  for (const [at, check] of checks.entries()) {
    const { status, said, why } = await ask(check, where, pods, signal)
    if (status !== 0) throw failed(`${check.target} does not answer the check any more: ${why}`, check, where)
    if (said === before[at]) continue
    throw failed(`${check.target} answers ${short(said)}, and before it was ${short(before[at] ?? '')}`, check, where)
  }
  return checks.map(({ target }) => `${target} answers as before`)
}

async function ask(
  { target, command }: PodCheck,
  { cluster, project: { environment } }: Where,
  pods: PodCommands,
  signal: AbortSignal,
): Promise<{ readonly status: number | undefined; readonly said: string; readonly why: string }> {
  const request = { cluster: cluster.named, namespace: environment.namespace, target, command }
  const { status, stdout, stderr } = await pods.run(request, signal)
  const why = stderr.trim().split('\n')[0] ?? ''
  return { status, said: stdout.trim(), why: why === '' ? `it ended with status ${status ?? 'unknown'}` : why }
}

const SHOWN = 60

function short(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text)
}

function failed(message: string, { target, command }: PodCheck, { project: { environment } }: Where): ForgeError {
  return new ForgeError('E_MIGRATE_CHECK', message, {
    hint: kubectl(['exec', target.toLowerCase(), '--', 'sh', '-c', command], environment.namespace),
    where: '--check',
  })
}
