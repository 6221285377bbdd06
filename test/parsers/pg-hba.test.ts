import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { allowSubnets, openPgHba } from '../../src/domain/transforms/open-pg-hba.ts'
import { hbaLines } from '../../src/domain/transforms/pg-hba-lines.ts'
import { readHbaLine } from '../../src/domain/transforms/pg-hba-record.ts'
import { isOpen, readHbaOtherwise } from '../support/hba-reading.ts'
import { startPostgres, type Postgres } from '../support/hba-reference.ts'
import { hbaRecords } from '../support/hba-texts.ts'

const SEED = Number(process.env['FORGE_TEST_SEED'] ?? 1)
let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => {
  await postgres.stop()
})

test('10,000 records of pg_hba.conf are read as PostgreSQL reads them', async () => {
  const text = hbaRecords(SEED, 10_000).join('')
  expect(readHbaOtherwise(text, await postgres.rulesOf(text))).toEqual([])
})

/** `FORGE_TEST_RECORD=1`: the answers that the unit tests look at (test/unit/hba-answers.json). */
test('the recorded answers are those of PostgreSQL', async () => {
  const text = hbaRecords(15, 600).join('')
  const answers = `${JSON.stringify({ version: postgres.version, text, rules: await postgres.rulesOf(text) })}\n`
  const file = new URL('../unit/hba-answers.jsonl', import.meta.url)
  if (process.env['FORGE_TEST_RECORD'] === '1') await writeFile(file, answers)
  const { rules } = JSON.parse(answers) as { rules: unknown }
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ text, rules })
})

test('what was limited or opened lets in, for PostgreSQL, whom it shall', async () => {
  const good = hbaRecords(SEED + 1, 10_000).filter((one) =>
    hbaLines(one).every((line) => readHbaLine(line).kind !== 'fault'),
  )
  const limited = allowSubnets(good.join(''), 'pg_hba.conf', ['10.42.0.0/16', 'fd00:42::/56'])
  expect(limited.problems).toEqual([])
  const rules = (await postgres.rulesOf(limited.text)).filter(isOpen)
  expect(new Set(rules.map(({ address, netmask }) => `${address} ${netmask}`))).toEqual(
    new Set(['10.42.0.0 255.255.0.0', 'fd00:42:: ffff:ffff:ffff:ff00::']),
  )
  const opened = (await postgres.rulesOf(openPgHba(good.join(''), 'pg_hba.conf').text)).filter(isOpen)
  expect(new Set(opened.map(({ address }) => address))).toEqual(new Set(['0.0.0.0', '::', 'all']))
})
