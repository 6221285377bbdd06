import { afterAll, expect, test } from '@jest/globals'
import { fuzz, KINDS } from '../support/fuzz.ts'

const COUNT = Number(process.env['FORGE_FUZZ_COUNT'] ?? 100_000)
const SEED = Number(process.env['FORGE_TEST_SEED'] ?? Date.now() % 2 ** 31)
const told: string[] = []

test.each(KINDS)(
  `%s, seed ${SEED}`,
  async (kind) => {
    const { inputs, slowest } = await fuzz(kind, Math.ceil(COUNT / KINDS.length), SEED)
    told.push(`${kind}: ${inputs} inputs, the slowest ${slowest.toFixed(0)} ms`)
    expect(inputs).toBeGreaterThan(0)
  },
  1_800_000,
)

afterAll(() => {
  process.stderr.write(`seed ${SEED}\n${told.join('\n')}\n`)
})
