import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ROOT } from '../support/forge.ts'

const CHART = join(ROOT, 'k8s', 'charts', 'api-forge', 'files')
const EXAMPLE = join(ROOT, 'examples', 'api-forge', 'infra', 'docker', 'prod')

// helm reads no file outside of a chart, and docker compose none of a chart: what both need is there twice.
test.each([
  ['universal-entrypoint/universal-entrypoint.sh', 'scripts/universal-entrypoint.sh'],
  ['temporal-config/entrypoint.sh', 'temporal/scripts/entrypoint.sh'],
  ['temporal-config/schema-setup.sh', 'temporal/scripts/schema-setup.sh'],
  ['temporal-config/namespace-init.sh', 'temporal/scripts/namespace-init.sh'],
  ['postgres-config/postgresql.conf', 'postgres/postgresql.conf'],
])('%s of the chart is %s of the example', async (own, example) => {
  const [one, other] = await Promise.all([readFile(join(CHART, own), 'utf8'), readFile(join(EXAMPLE, example), 'utf8')])
  expect(one).toBe(other)
})

/** The example's own has more, for its own table. */
test.each([
  ['postgres-config/01-init-app.sh', 'postgres/init-scripts/01-init-app.sh'],
  ['postgres-verifier-config/verify-init.sh', 'postgres/verify-init.sh'],
])('each line of %s of the chart is in %s of the example', async (own, example) => {
  const lines = async (file: string): Promise<string[]> => (await readFile(file, 'utf8')).split('\n')
  const [one, other] = await Promise.all([lines(join(CHART, own)), lines(join(EXAMPLE, example))])
  expect(one.filter((line) => !other.includes(line))).toEqual([])
})
