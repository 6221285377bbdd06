import type { PlanDocument } from '../../domain/plan/document.ts'
import type { Rehearsal } from '../../domain/rehearsal/model.ts'
import { markdownBlock, markdownCode as code, markdownText as text } from '../markdown.ts'
import { planMarkdown } from '../plan-markdown.ts'
import { rehearsalMarkdown } from '../rehearsal-markdown.ts'

/** GitHub takes 1 MiB from a step. */
const MOST_BYTES = 1_000_000

/** What the page of a deploy is called in the artifact. */
export const DEPLOY_PAGE = 'report.html'

/** `refused`: why there is none. */
export interface DeployPage {
  readonly refused: string | undefined
}

export interface SummaryStep {
  readonly name: string
  readonly state: 'done' | 'skipped' | 'failed'
  /** Milliseconds since 1970. */
  readonly endedAt: number
  readonly seconds: number
  readonly text: string
}

export interface JobSummary {
  readonly command: string
  readonly environment: string
  readonly outcome: string
  readonly status: number
  readonly deploy: number | null
  readonly verdict: {
    readonly code: string
    readonly message: string
    readonly chain: readonly string[]
    readonly where: string | null
    readonly hint: string | null
  } | null
  readonly steps: readonly SummaryStep[]
  readonly restarted: readonly { readonly workload: string; readonly because: readonly string[] }[]
  readonly plan: PlanDocument | undefined
  readonly rehearsal: Rehearsal | undefined
  /** Undefined: such a run has none. */
  readonly page: DeployPage | undefined
  /** Names of files. */
  readonly evidence: readonly string[]
  readonly now: number
}

const MARKS = { done: '✔', skipped: '–', failed: '✖' } as const

/** What a person reads of a run without its log: what became of it, why, how long each step took, and the plan. */
export function jobSummary(run: JobSummary): string {
  const { command, environment, outcome, deploy, verdict, restarted, plan, rehearsal, page, evidence, now } = run
  const number = deploy === null ? '' : ` #${deploy}`
  const head = `## ${run.status === 0 ? '✔' : '✖'} forge ${text(command)}${number}${environment === '' ? '' : ` → ${text(environment)}`}: ${text(outcome)}`
  const short = [
    head,
    ...(verdict === null ? [] : ['', ...verdictLines(verdict)]),
    ...stepLines(run.steps),
    ...(restarted.length === 0
      ? []
      : [
          '',
          '**Restarted**',
          '',
          ...restarted.map((one) => `- ${code(one.workload)}: ${text(one.because.join(', '))}`),
        ]),
    ...(page === undefined ? [] : ['', pageLine(page)]),
    ...(evidence.length === 0 ? [] : ['', '**Evidence**', '', ...evidence.map((name) => `- ${code(name)}`)]),
  ]
  const joined = (lines: readonly string[]): string => `${[...short, ...lines].join('\n')}\n`
  const found =
    rehearsal === undefined ? [] : ['', ...rehearsalMarkdown(rehearsal, (lines) => fits(joined(['', ...lines])))]
  const whole = joined([...found, ...(plan === undefined ? [] : ['', ...planMarkdown(plan, { full: true, now })])])
  return fits(whole) ? whole : joined(['', 'The plan is too long for a summary: it is in the artifact.'])
}

function fits(summary: string): boolean {
  return new TextEncoder().encode(summary).length <= MOST_BYTES
}

function pageLine({ refused }: DeployPage): string {
  if (refused !== undefined) return `⚠ This deploy has no page in the artifact: ${text(refused)}`
  return `**Page of this deploy** ${code(DEPLOY_PAGE)} in the artifact: its timeline, what changed, and why it ended so`
}

function verdictLines({ code: name, message, chain, where, hint }: NonNullable<JobSummary['verdict']>): string[] {
  return [
    `**${text(name)}** ${text(message)}`,
    ...(chain.length === 0 ? [] : ['', `why: ${text(chain.join(' → '))}`]),
    ...(where === null ? [] : ['', `where: ${code(where)}`]),
    ...(hint === null ? [] : ['', ...markdownBlock([hint])]),
  ]
}

function stepLines(steps: readonly SummaryStep[]): string[] {
  if (steps.length === 0) return []
  const rows = steps.map(
    ({ name, state, seconds, text: found }) =>
      `| ${MARKS[state]} | ${text(name)} | ${text(found.split('\n')[0] ?? '')} | ${seconds.toFixed(1)} s |`,
  )
  return ['', '| | step | | time |', '|---|---|---|---:|', ...rows, '', ...timeline(steps)]
}

/** https://mermaid.js.org/syntax/gantt.html; a name with a colon or a `#` would end it. */
function timeline(steps: readonly SummaryStep[]): string[] {
  const bars = steps.map(({ name, state, endedAt, seconds }) => {
    const start = Math.round(endedAt - seconds * 1000)
    const how = state === 'failed' ? 'crit, ' : ''
    return `  ${name.replaceAll(/[^\p{L}\p{N} _-]/gu, ' ')} :${how}${start}, ${Math.max(Math.round(endedAt), start + 1)}`
  })
  return markdownBlock(['gantt', '  dateFormat x', '  axisFormat %M:%S', ...bars]).with(0, '```mermaid')
}
