import type { Problem } from '../config/position.ts'
import { hbaLines } from './pg-hba-lines.ts'
import { readHbaLine, type HbaRange } from './pg-hba-record.ts'

/**
 * pg_hba.conf for a cluster: pods get addresses from ranges that the file cannot know, so every address of a host record
 * is opened (0.0.0.0/0 or ::/0) and NetworkPolicies decide who gets there. Loopback, host names, `samenet` and the like
 * stay; so do `reject` records, which would shut everybody out when widened. White space and comments stay.
 * Record syntax: PostgreSQL 17 documentation, "The pg_hba.conf File".
 */
export function openPgHba(text: string, file: string): { text: string; problems: readonly Problem[] } {
  const open = { v4: '0.0.0.0/0', v6: '::/0', all: 'all' } as const
  return rewriteRanges(
    text,
    file,
    (record, { start, end, family }) => `${record.slice(0, start)}${open[family]}${record.slice(end)}`,
  )
}

/**
 * The same records, and those for `all`, opened to these subnets only, one record for each: for clusters in which no
 * NetworkPolicy is enforced. A record of a family that no subnet is of becomes a comment, and lets nobody in. What another
 * file says cannot be limited, and is a problem.
 */
export function allowSubnets(
  text: string,
  file: string,
  subnets: readonly string[],
): { text: string; problems: readonly Problem[] } {
  const limit: Rewrite = (record, { start, end, family }) => {
    const fitting = subnets.filter((subnet) => family === 'all' || (family === 'v6') === subnet.includes(':'))
    if (fitting.length === 0) return record.replace(/^/gmu, '# ')
    // A backslash at the very end would join a copy with the next one.
    const before = record.replace(/\\+(?=\r*$)/u, '')
    return fitting
      .map(
        (subnet, at) => `${record.slice(0, start)}${subnet}${(at === fitting.length - 1 ? record : before).slice(end)}`,
      )
      .join('\n')
  }
  return rewriteRanges(
    text,
    file,
    limit,
    'names another file, whose records are not limited here; write them into this one',
  )
}

type Rewrite = (record: string, range: HbaRange) => string

/** `include`: what is wrong with a line that takes in another file; undefined: nothing. */
function rewriteRanges(
  text: string,
  file: string,
  rewrite: Rewrite,
  include?: string,
): { text: string; problems: readonly Problem[] } {
  const problems: Problem[] = []
  const result = hbaLines(text).map((one) => {
    const { record, line } = one
    const problem = (message: string, at: number): void =>
      void problems.push({ message, at: { file, ...placeIn(record, line, at) } })
    const reading = readHbaLine(one)
    if (reading.kind === 'range') return rewrite(record, reading.range)
    if (reading.kind === 'fault') problem(reading.fault.fault, reading.fault.at)
    if (reading.kind === 'include' && include !== undefined) problem(`"${reading.word}" ${include}`, 0)
    return record
  })
  return { text: result.join('\n'), problems }
}

function placeIn(record: string, line: number, at: number): { line: number; column: number } {
  const before = record.slice(0, at).split('\n')
  return { line: line + before.length - 1, column: (before.at(-1)?.length ?? 0) + 1 }
}
