import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { readIgnore, type Ignore, type Looked } from '../../src/domain/images/ignore.ts'
import { ignoreQuestions, type IgnoreQuestion } from '../support/ignore-texts.ts'

const SEED = Number(process.env['FORGE_TEST_SEED'] ?? 1)

interface Answer {
  readonly whole?: readonly boolean[]
  readonly byStep?: readonly boolean[]
  readonly error?: string
}

test('50,000 files .dockerignore leave out what moby/patternmatcher leaves out', async () => {
  const questions = ignoreQuestions(SEED, 50_000)
  const answers = await askMoby(questions)
  expect(questions.flatMap((question, at) => disagreement(question, answers[at] ?? {})).slice(0, 5)).toEqual([])
  const read = questions.filter(({ text }) => typeof readIgnore(text) === 'function')
  expect(read.length).toBeGreaterThan(20_000)
})

function disagreement({ text, paths }: IgnoreQuestion, { whole, byStep, error }: Answer): unknown[] {
  const ignore = readIgnore(text)
  // What forge refuses may be read by others; what they refuse it may not read.
  if (typeof ignore !== 'function') return []
  if (error !== undefined) return [{ text, error }]
  const different = paths.filter(
    (path, at) => lookedAt(ignore, path)?.isIgnored !== (whole?.[at] === true && byStep?.[at] === true),
  )
  return different.length === 0 ? [] : [{ text, different }]
}

function lookedAt(ignore: Ignore, path: string): Looked | undefined {
  const parts = path.split('/')
  let above: Looked | undefined
  for (const at of parts.keys()) above = ignore(parts.slice(0, at + 1).join('/'), above)
  return above
}

async function askMoby(questions: readonly IgnoreQuestion[]): Promise<Answer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-patternmatcher-'))
  try {
    const program = join(folder, 'patternmatcher')
    const cwd = new URL('patternmatcher', import.meta.url).pathname
    await execa('go', ['build', '-trimpath', '-buildvcs=false', '-o', program, '.'], { cwd })
    const input = questions.map((one) => `${JSON.stringify(one)}\n`).join('')
    const { stdout } = await execa(program, { input, maxBuffer: 1_000_000_000 })
    return stdout.split('\n').map((line) => JSON.parse(line) as Answer)
  } finally {
    await rm(folder, { recursive: true })
  }
}
