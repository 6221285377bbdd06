import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ROOT } from '../support/forge.ts'

const CHARTS = join(ROOT, 'k8s', 'charts')

async function filesIn(dir: string): Promise<Record<string, string>> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = found
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(dir.length + 1))
  const read = files.sort().map(async (file) => [file, await readFile(join(dir, file), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(read))
}

// A plain copy: helm wants it in charts/, npm keeps no links, and a copy at each run costs 150 ms (k8s/charts/vendor.mjs).
test('the chart temporal-worker within api-forge is the chart beside it (node k8s/charts/vendor.mjs)', async () => {
  const [own, inside] = await Promise.all([
    filesIn(join(CHARTS, 'temporal-worker')),
    filesIn(join(CHARTS, 'api-forge', 'charts', 'temporal-worker')),
  ])
  expect(inside).toEqual(Object.fromEntries(Object.entries(own).filter(([file]) => !file.startsWith('ci/'))))
})
