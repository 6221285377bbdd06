import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { disagreement } from '../support/set-reading.ts'
import { askHelm } from '../support/set-reference.ts'
import { setQuestions } from '../support/set-texts.ts'

const SEED = Number(process.env['FORGE_TEST_SEED'] ?? 1)

test('10,000 settings of the command line give the values that helm reads in them', async () => {
  const questions = setQuestions(SEED, 10_000)
  const answers = await askHelm(questions)
  expect(questions.flatMap((question, at) => disagreement(question, answers[at] ?? {}))).toEqual([])
  expect(answers.filter(({ values }) => values !== undefined).length).toBeGreaterThan(5000)
})

/** `FORGE_TEST_RECORD=1`: the answers that the unit tests look at (test/unit/set-answers.jsonl). */
test('the recorded answers are those of helm', async () => {
  const questions = setQuestions(15, 500)
  const answers = await askHelm(questions)
  const lines = questions.map((question, at) => `${JSON.stringify({ question, answer: answers[at] })}\n`).join('')
  const file = new URL('../unit/set-answers.jsonl', import.meta.url)
  if (process.env['FORGE_TEST_RECORD'] === '1') await writeFile(file, lines)
  expect(await readFile(file, 'utf8')).toBe(lines)
})
