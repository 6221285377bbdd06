import type { DeployEvent } from '../../domain/events/schema.ts'
import { outcomeOf } from '../step/result.ts'

/** What a template says of its run, each a file of its own. Workflows are kept in the cluster's store, so none is long. */
export interface Outputs {
  /** `deployed`, `unchanged`, `planned`, `restored`, `failed`, `refused`, `interrupted`; `done`; of the exit handler `nothing`, too. */
  readonly outcome: string
  /** The number of the deploy. */
  readonly deploy: string
  /** Why it did not reach its end: `E_…`, and a sentence. */
  readonly code: string
  readonly verdict: string
  /** `true`, `false`; empty where the command does not say. */
  readonly changed: string
  /** `--image=NAME=REFERENCE` of each image that was pushed, one a line: what a deploy takes as it stands. */
  readonly images: string
  /** The same for programs, and the chain of causes. */
  readonly report: string
}

export type Ended = Extract<DeployEvent, { type: 'ended' }>

/** Of one text: a workflow of many steps has to fit into an object of 1 MiB. */
const MOST = 2000
const MOST_LINKS = 20

/** The last thing that a run told; undefined where it was cut off before, or tells nothing. */
export function endedIn(events: string): Ended | undefined {
  const line = events.trimEnd().split('\n').at(-1) ?? ''
  try {
    const last = JSON.parse(line) as DeployEvent
    return last.type === 'ended' ? last : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

interface Ran {
  readonly command: string
  readonly status: number
  readonly stdout: string
  readonly ended: Ended | undefined
}

/** `--exit-code` of a plan: there is something to do. */
const DIFFERENCES = 10

export function outputsOf({ command, status, stdout, ended }: Ran): Outputs {
  const { outcome = planned(command, status), deploy = null, code = null, message = null } = ended ?? {}
  return {
    outcome,
    deploy: deploy === null ? '' : String(deploy),
    code: code ?? '',
    verdict: short(message ?? ''),
    changed: changedBy(command, status, outcome),
    images: command === 'images push' && status === 0 ? imageFlags(stdout) : '',
    report: JSON.stringify(reportOf(ended, outcome)),
  }
}

function planned(command: string, status: number): string {
  return command === 'plan' && (status === 0 || status === DIFFERENCES) ? 'planned' : outcomeOf(status)
}

function changedBy(command: string, status: number, outcome: string): string {
  if (command === 'plan') return status === DIFFERENCES ? 'true' : status === 0 ? 'false' : ''
  if (outcome === 'unchanged') return 'false'
  return ['deployed', 'rolled-back', 'uninstalled'].includes(outcome) ? 'true' : ''
}

function reportOf(ended: Ended | undefined, outcome: string): unknown {
  if (ended === undefined) return { outcome, deploy: null, verdict: null }
  const { deploy, code, message, where, hint } = ended
  const chain = ended.chain.slice(0, MOST_LINKS).map((link) => short(link, MOST / 10))
  const [why, place, next] = [message, where, hint].map((text) => (text === null ? null : short(text)))
  return { outcome, deploy, verdict: code === null ? null : { code, message: why, chain, where: place, hint: next } }
}

/** `forge images push` prints a row each: NAME and REFERENCE. */
function imageFlags(stdout: string): string {
  const rows = [...stdout.matchAll(/^(\S+) +(\S+@sha256:[0-9a-f]{64})$/gmu)]
  return rows.map(([, name, ref]) => `--image=${name}=${ref}`).join('\n')
}

export function short(text: string, most = MOST): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`
}

/** What a plan means by its exit status is no failure of a workflow. */
export function statusOf(command: string, status: number): number {
  return command === 'plan' && status === DIFFERENCES ? 0 : status
}
