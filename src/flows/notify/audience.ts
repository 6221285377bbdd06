import type { Notice, Project } from '../../domain/config/model.ts'
import type { CodedProblem } from '../../domain/config/problems.ts'
import { codedError } from '../../domain/config/problems.ts'
import { shownSource, type Audience, type Listener } from '../../domain/notify/audience.ts'
import { secretsOf } from '../../domain/notify/address.ts'
import { eventsOf, messageOf, type Ended } from '../../domain/notify/notice.ts'
import { expected } from '../../expected.ts'
import { forge } from '../../hint.ts'
import { timeLimit } from '../../time-limit.ts'
import type { Finding } from '../phases/findings.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { SourceReader } from '../project/source-reader.ts'

/** In which a webhook has to answer: nobody waits longer for a message than for a deploy. */
const ANSWER_MS = 5_000

export type AudiencePorts = Pick<DeployPorts, 'project' | 'redactor'>
export type TellPorts = AudiencePorts & Pick<DeployPorts, 'webhooks' | 'clock' | 'leave' | 'say' | 'runner'>

/** Reads where the webhooks are; each address is masked from then on. With `--untrusted` none is read and nobody is told. */
export async function readAudience(
  project: Pick<Project, 'dir' | 'notify'> | undefined,
  { project: ports, redactor }: AudiencePorts,
): Promise<Audience> {
  const listeners: Listener[] = []
  const problems: CodedProblem[] = []
  if (project?.notify === undefined || ports.confinement !== undefined) return { listeners, problems }
  const reader = new SourceReader(project, ports)
  for (const notice of project.notify) {
    const shown = shownSource(notice, (file) => reader.shown(file))
    const reading = await reader.read(notice.source)
    if (reading.kind === 'found') {
      const url = (reading.text ?? '').trim()
      for (const secret of secretsOf(url)) redactor.add(secret)
      if (isAddress(url)) listeners.push({ shown, url, on: notice.on })
      else problems.push(fault(`${shown} is no address of a webhook (https://…)`, notice))
    } else {
      const hint = reading.kind === 'invalid' && reading.hint !== undefined ? { hint: reading.hint } : {}
      problems.push({ ...fault(`${reading.what} (webhook of notify)`, notice), ...hint })
    }
  }
  return { listeners, problems }
}

function isAddress(text: string): boolean {
  const { protocol } = URL.parse(text) ?? {}
  return protocol === 'https:' || protocol === 'http:'
}

function fault(message: string, { at }: Notice): CodedProblem {
  return { code: 'E_NOTIFY_SOURCE', message, at }
}

/** A deploy that nobody would hear of is not begun; a plan says so. */
export function audienceFindings({ problems }: Audience): Finding[] {
  const error = codedError(problems, forge('explain', 'E_NOTIFY_SOURCE'))
  return error === undefined ? [] : [{ kind: 'refuse', error, inPlan: problems.map(({ message }) => message) }]
}

/** On the way back nothing is held up for it. */
export function sayUnheard({ problems }: Audience, { say }: Pick<DeployPorts, 'say'>): void {
  if (problems.length > 0) say(problems.map(({ code, message }) => `warning  ${code}: ${message}: nobody is told`))
}

/** Tells all who want to hear of it, at once and in a bounded time. What goes wrong is said, and changes nothing. */
export async function tellEnd({ listeners }: Audience, end: Omit<Ended, 'by'>, ports: TellPorts): Promise<void> {
  const events = eventsOf(end)
  const asked = listeners.filter(({ on }) => on.some((event) => events.includes(event)))
  if (asked.length === 0) return
  const { redactor, runner, clock, leave, say, webhooks } = ports
  const message = messageOf({ ...end, by: runner.identity }, (text) => redactor.text(text))
  const limit = timeLimit(ANSWER_MS, { clock, signal: leave })
  const post = async ({ url, shown }: Listener): Promise<string[]> => {
    const why = await webhooks.post(url, message, limit.signal).then(
      ({ status }) => (status >= 200 && status < 300 ? undefined : `it answered with status ${status}`),
      (error: unknown) => (limit.isUp() ? `no answer within ${ANSWER_MS / 1_000} s` : expected(error).message),
    )
    return why === undefined ? [] : [`warning  E_NOTIFY_FAILED: the webhook of ${shown} was not told: ${why}`]
  }
  const warnings = (await Promise.all(asked.map(post))).flat()
  limit.end()
  if (warnings.length > 0) say(warnings)
}
