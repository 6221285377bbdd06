import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { canonical } from '../../src/domain/canonical.ts'
import type { Answer } from './set-reading.ts'
import type { Question } from './set-texts.ts'

/** What helm's own parser (pkg/strvals; that of helm 3.22 is the same as that of 4.3) makes of each question. */
export async function askHelm(questions: readonly Question[]): Promise<Answer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-strvals-'))
  try {
    const program = join(folder, 'strvals')
    const cwd = new URL('../parsers/strvals', import.meta.url).pathname
    await execa('go', ['build', '-trimpath', '-buildvcs=false', '-o', program, '.'], { cwd })
    const input = questions.map((one) => `${JSON.stringify(one)}\n`).join('')
    const { stdout } = await execa(program, { input, maxBuffer: 1_000_000_000 })
    return stdout.split('\n').map((line) => {
      const { values, error } = JSON.parse(line) as { values?: unknown; error?: string }
      return error === undefined ? { values: canonical(values) } : { error }
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}
