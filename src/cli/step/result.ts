import { randomUUID } from 'node:crypto'
import type { PlanDocument } from '../../domain/plan/document.ts'
import type { Rehearsal } from '../../domain/rehearsal/model.ts'

/** As much of what `--json` prints as a step looks at; every command has a part of it. */
export interface Report {
  readonly command?: string
  readonly outcome?: string
  readonly project?: string
  readonly environment?: string
  readonly cluster?: string
  readonly namespace?: string
  readonly deploy?: number | null
  readonly verdict?: {
    readonly code: string
    readonly message: string
    readonly chain?: readonly string[]
    readonly where?: string | null
    readonly hint?: string | null
  } | null
  readonly restarted?: readonly { readonly workload: string; readonly because: readonly string[] }[]
  readonly evidence?: string | null
  readonly plan?: PlanDocument | null
  readonly rehearsal?: Rehearsal | null
}

/** Undefined: forge printed none. */
export function reportIn(stdout: string): Report | undefined {
  try {
    const found = JSON.parse(stdout) as unknown
    return typeof found === 'object' && found !== null ? found : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What became of a command that prints no report. */
export function outcomeOf(status: number): string {
  if (status === 0) return 'done'
  if (status === 130 || status === 143) return 'interrupted'
  if (status === 8) return 'not-ready'
  if (status === 10) return 'differs'
  return [2, 3, 6, 7].includes(status) ? 'refused' : 'failed'
}

/** Undefined: the command says nothing of it. */
export function hasChanged({ outcome, plan, rehearsal }: Report): boolean | undefined {
  if (plan !== undefined && plan !== null) return !plan.unchanged
  // Of a deploy that is refused nobody knows.
  const rehearsed = rehearsal?.deploy.outcome
  if (rehearsed !== undefined) return rehearsed === 'refused' ? undefined : rehearsed !== 'unchanged'
  if (outcome === 'unchanged') return false
  return outcome === 'deployed' || outcome === 'rolled-back' || outcome === 'uninstalled' ? true : undefined
}

/** For GITHUB_OUTPUT: values may have lines of their own, and none of them can end the value. */
export function outputText(outputs: Readonly<Record<string, string>>): string {
  return Object.entries(outputs)
    .map(([name, value]) => {
      const end = `forge-${randomUUID()}`
      return `${name}<<${end}\n${value}\n${end}\n`
    })
    .join('')
}
