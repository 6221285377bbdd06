import * as z from 'zod'
import { parseJson } from '../json.ts'
import type { DeploySummary } from './report.ts'

/** Deploys that a folder of pages lists: more than a journal keeps, since the pages of those that it forgets stay. */
export const LISTED_DEPLOYS = 300
/** Letters of a text. */
const KEPT_TEXT = 400

/** One deploy in the list of an environment. */
export interface ListedDeploy extends Pick<
  DeploySummary,
  'number' | 'state' | 'live' | 'environment' | 'by' | 'startedAt' | 'seconds' | 'target' | 'verdict'
> {
  /** In a line. */
  readonly changed: string
}

/** Whose deploys they are. */
export interface ListedOf {
  readonly project: string
  readonly environment: string
  readonly namespace: string
}

const TEXT = z.string().transform(cut)
const NUMBER = z.int().positive()
const FORMAT = z.object({
  v: z.literal(1),
  project: z.string(),
  environment: z.string(),
  namespace: z.string(),
  more: z.int().nonnegative(),
  deploys: z.array(
    z.object({
      number: NUMBER,
      state: z.enum([
        ...(['running', 'killed', 'deployed', 'rolled-back', 'restored', 'failed'] as const),
        ...(['interrupted', 'uninstalled', 'paused', 'resumed'] as const),
      ]),
      environment: TEXT,
      by: TEXT,
      startedAt: z.iso.datetime(),
      seconds: z.number().nonnegative().nullable(),
      target: NUMBER.nullable(),
      verdict: z.object({ code: TEXT, message: TEXT }).nullable(),
      changed: TEXT,
    }),
  ),
})

/** What a folder lists. */
export interface Listed {
  /** Newest first. */
  readonly deploys: readonly ListedDeploy[]
  /** How many are older than those. */
  readonly more: number
}

/** What an earlier run has listed of the same environment; undefined: that text is not of it. */
export function readListed(text: string, of: ListedOf): Listed | undefined {
  const { success, data } = FORMAT.safeParse(parseJson(text))
  if (!success) return undefined
  const isSame = (['project', 'environment', 'namespace'] as const).every((name) => data[name] === of[name])
  if (!isSame) return undefined
  return { deploys: data.deploys.map((one) => ({ ...one, live: false })), more: data.more }
}

/** What the next run reads. */
export function writeListed({ project, environment, namespace }: ListedOf, { deploys, more }: Listed): object {
  return { v: 1, project, environment, namespace, more, deploys: deploys.map(({ live: _live, ...one }) => one) }
}

export function listedOf(summary: DeploySummary, changed: string): ListedDeploy {
  const { number, state, live, environment, by, startedAt, seconds, target, verdict } = summary
  const told = verdict === null ? null : { code: cut(verdict.code), message: cut(verdict.message) }
  // An entry that somebody has edited may have any text there, and a clock that was put back makes it end before it began.
  const began = new Date(Date.parse(startedAt) || 0).toISOString()
  const took = seconds === null || Number.isNaN(seconds) ? null : Math.max(seconds, 0)
  return {
    ...{
      number,
      state,
      live,
      environment: cut(environment),
      by: cut(by),
      target,
      verdict: told,
      changed: cut(changed),
    },
    ...{ startedAt: began, seconds: took },
  }
}

/**
 * Newest first, by their beginning: where a namespace was made anew, its numbers begin anew. What the journal says of a
 * number counts.
 */
export function withEarlier(now: readonly ListedDeploy[], { deploys, more }: Listed): Listed {
  const known = new Set(now.map(({ number }) => number))
  const others = new Map(deploys.flatMap((one) => (known.has(one.number) ? [] : [[one.number, one] as const])))
  const ms = ({ startedAt }: ListedDeploy): number => Date.parse(startedAt)
  const all = [...now, ...others.values()].toSorted((one, other) => ms(other) - ms(one) || other.number - one.number)
  return { deploys: all.slice(0, LISTED_DEPLOYS), more: more + Math.max(all.length - LISTED_DEPLOYS, 0) }
}

function cut(text: string): string {
  return text.length > KEPT_TEXT ? `${text.slice(0, KEPT_TEXT - 1)}…` : text
}
