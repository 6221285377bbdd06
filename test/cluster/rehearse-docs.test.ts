import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'
import { waitsFor } from '../../src/domain/rehearsal/failures.ts'
import { FAILURE_KINDS } from '../../src/domain/rehearsal/model.ts'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { failingProject } from '../support/project.ts'

const PAGE = 'docs/rehearse.md'
const TABLE = /<!-- failures -->\n[\s\S]*?<!-- \/failures -->/u
const WHEN = { 'at once': 'at once', grace: 'when its grace is up', stage: "when the stage's time is up" } as const

/** UPDATE_GOLDEN=1 writes it. */
test('the table of failures in docs/rehearse.md is what a rehearsal of the example finds', async () => {
  const { dir } = await failingProject(freshNamespace('rehearse-docs'))
  expect(await forgeHere(['deploy', '-C', dir])).toMatchObject({ status: 0 })
  const ran = await forgeHere(['rehearse', '-C', dir, '--all', '--set', 'failure=rehearsed', '--json'])
  const { status, stderr } = ran
  const { rehearsal } = document<RehearsalReport>(ran)
  expect({ status, stderr, summary: rehearsal?.summary, notProvoked: rehearsal?.notProvoked }).toEqual({
    ...{ status: 0, stderr, notProvoked: [] },
    summary: 'rehearsed: 15 failures, 15 explained, 15 restored',
  })
  const rows = (rehearsal?.failures ?? []).map(({ failure, where, verdict }) => {
    const kind = FAILURE_KINDS.find((one) => failure.endsWith(`=${one}`))
    const when = kind === undefined ? '' : WHEN[waitsFor(kind)]
    const sentence =
      verdict?.sentence.replaceAll(/migrate-[0-9a-f]{8}/gu, 'migrate').replace(/ \(stage .*\)$/u, '') ?? ''
    return [`\`${failure}\``, where.replace(/-[0-9a-f]{8}$/u, ''), verdict?.code ?? '', sentence, when]
  })
  const page = await readFile(PAGE, 'utf8')
  const cells = (text: string): string[][] =>
    (TABLE.exec(text)?.[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
  if (process.env['UPDATE_GOLDEN'] === '1') {
    const head = ['| failure | at | verdict | sentence | told |', '| --- | --- | --- | --- | --- |']
    const table = [...head, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n')
    await writeFile(PAGE, page.replace(TABLE, `<!-- failures -->\n\n${table}\n\n<!-- /failures -->`))
  } else expect(cells(page)).toEqual(rows)
}, 300_000)
