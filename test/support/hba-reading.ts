import { hbaLines } from '../../src/domain/transforms/pg-hba-lines.ts'
import { readHbaLine } from '../../src/domain/transforms/pg-hba-record.ts'
import type { HbaRule } from './hba-reference.ts'

/** What forge does not look at: options, with which the answer holds nothing else. */
const OPTION = /authentication option "map"/u
/** What depends on how the server is set up. */
const ELSEWHERE = /SSL is disabled/u

/** Lines that forge and PostgreSQL read otherwise: what is a record, what is wrong, and which addresses it opens. */
export function readHbaOtherwise(text: string, rules: readonly HbaRule[]): object[] {
  const ruleOf = new Map(rules.map((rule) => [rule.line, rule]))
  return hbaLines(text).flatMap((one) => {
    const rule = ruleOf.get(one.line)
    if (OPTION.test(rule?.error ?? '')) return []
    const [own, server] = [ownKind(one), serverKind(rule)]
    // An address of fewer than four numbers, or with octal ones, is refused; so is a quote that does not close.
    const isStricter = own === 'wrong' && (STRICTER.test(one.record) || one.openQuote !== undefined)
    return own === server || isStricter ? [] : [{ record: one.record, own, server, rule }]
  })
}

const STRICTER = /(?:^|[\s",])(?:\d+(?:\.\d+){0,2}|0x[0-9a-f]+|0\d+\.[\d.]+)(?:\/|["\s\\]|$)|10\.0\.0\.0["\s\\]+24/u

function ownKind(one: ReturnType<typeof hbaLines>[number]): string {
  const reading = readHbaLine(one)
  if (reading.kind === 'fault') return 'wrong'
  if (reading.kind === 'range') return 'range'
  return one.fields.length === 0 ? 'nothing' : 'other'
}

function serverKind(rule: HbaRule | undefined): string {
  if (rule === undefined) return 'nothing'
  if (rule.error !== '' && !ELSEWHERE.test(rule.error)) return 'wrong'
  return isOpen(rule) ? 'range' : 'other'
}

/** Does it let in more than this machine, names and its own network? */
export function isOpen({ address, netmask, method }: HbaRule): boolean {
  if (method === 'reject' || (netmask === '' && address !== 'all')) return false
  const isLoopback = /^127\./u.test(address)
    ? /^255\./u.test(netmask)
    : address === '::1' && /^(?:ffff:){7}ffff$/u.test(netmask)
  return !isLoopback
}
