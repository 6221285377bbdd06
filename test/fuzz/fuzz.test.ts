import { afterAll, expect, test } from '@jest/globals'
import { fuzz, KINDS } from '../support/fuzz.ts'

const COUNT = Number(process.env['FORGE_FUZZ_COUNT'] ?? 100_000)
const SEED = Number(process.env['FORGE_TEST_SEED'] ?? Date.now() % 2 ** 31)
let all = 0
const begin = performance.now()
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(0)
/** At once: who waits for a hundred thousand inputs wants to see them go by. */
const say = (text: string): void => void process.stderr.write(`${text}\n`)

test.each(KINDS)(
  `%s, seed ${SEED}`,
  async (kind) => {
    const since = performance.now()
    const { inputs, slowest } = await fuzz(kind, Math.ceil(COUNT / KINDS.length), SEED)
    all += inputs
    say(`${kind.padEnd(10)} ${inputs} inputs in ${seconds(since)} s, the slowest ${slowest.toFixed(0)} ms`)
    expect(inputs).toBeGreaterThan(0)
  },
  1_800_000,
)

afterAll(() => {
  say(`${'all'.padEnd(10)} ${all} inputs in ${seconds(begin)} s, seed ${SEED}`)
})
