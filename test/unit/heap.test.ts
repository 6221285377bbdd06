import { expect, test } from '@jest/globals'
import { execa } from 'execa'

/** Survivors on end, as a large list leaves them; says how large the young part of the heap was at most, in MB. */
const READS_MUCH = `
import { getHeapSpaceStatistics } from 'node:v8'
import { keepYoungHeapSmall } from './src/cli/heap.ts'
if (process.argv[1] === 'kept') keepYoungHeapSmall()
const lists = []
let most = 0
for (let count = 0; count < 100; count += 1) {
  lists[count % 20] = Array.from({ length: 20_000 }, (_, at) => ({ name: [at, count] }))
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  most = Math.max(most, young.space_size / 2 ** 20)
}
console.log(most)
`

test('large lists do not make the young part of the heap grow', async () => {
  const [usual, kept] = await Promise.all([mostOf('usual'), mostOf('kept')])
  expect(kept).toBeLessThanOrEqual(16)
  expect(usual).toBeGreaterThan(kept)
})

async function mostOf(way: string): Promise<number> {
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', READS_MUCH, way])
  return Number(stdout)
}
