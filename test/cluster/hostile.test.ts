import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { live, Runner } from '../support/runner.ts'
import { tinyProject, type TestProject } from '../support/tiny.ts'

const ESC = '\u001B'
/** What a program, or whoever may write an event, would say to be obeyed by a terminal or by a runner. */
const HOSTILE = [
  '::error file=app.ts,line=1::gotcha',
  ' \u00A0\t::add-mask::a',
  'progress 10 %\r::warning::gotcha\rdone',
  'x ##[error]gotcha ##vso[task.setvariable variable=a]b',
  '::stop-commands::gotcha',
  `${ESC}[2J${ESC}[H${ESC}[31mred ${ESC}]0;title\u0007 ${ESC}]52;c;Z290Y2hh\u0007`,
  `${ESC}]8;;https://evil.example${ESC}\\link${ESC}]8;;${ESC}\\`,
  'over\b\b\b \u202Eturned\u202C \u2066in\u2069 ze\u200Bro \u2028::error::gotcha',
]
const KEPT = 'éä 漢字 👩‍💻 and a\ttab'
/** The runner's side: it reads both streams, and a terminal takes colours. */
const CI = { GITHUB_ACTIONS: 'true', NO_COLOR: undefined, FORCE_COLOR: '1' }
const COLOUR = /\u001B\[(?:\d+;?)*m/gu

/** What a runner and a terminal make of all that forge printed; colours of forge's own are taken away where it has some. */
function expectInert({ stdout, stderr }: Pick<Ran, 'stdout' | 'stderr'>, coloured = false): void {
  for (const text of [stdout, stderr]) {
    const runner = new Runner().read(text)
    expect({ obeyed: runner.obeyed, isStopped: runner.isStopped }).toEqual({ obeyed: [], isStopped: false })
    expect(live(coloured ? text.replaceAll(COLOUR, '') : text)).toEqual([])
  }
}

async function hostileProject(prefix: string): Promise<TestProject & { readonly namespace: string }> {
  const namespace = freshNamespace(prefix)
  const project = await tinyProject(namespace)
  const log = [...HOSTILE, KEPT].join('\n')
  const annotations = {
    'sandbox.forge.api-forge.io/fail': 'crash-loop',
    'sandbox.forge.api-forge.io/log': log,
    note: HOSTILE.join('\n'),
  }
  await project.write('hostile.yaml', JSON.stringify({ annotations, data: { 'NOTE.txt': HOSTILE.join('\n') } }))
  return { ...project, namespace }
}

test('what a pod, an event and a chart say is neither a command to a runner nor obeyed by a terminal', async () => {
  const { dir, namespace } = await hostileProject('hostile')
  const at = ['-e', 'sandbox', '-C', dir]
  expect(await forgeHere(['deploy', ...at])).toMatchObject({ status: 0 })
  const values = ['--values', join(dir, 'hostile.yaml')]
  for (const output of ['text', 'markdown', 'json'])
    expectInert(await forgeHere(['plan', ...at, ...values, '--full', '--output', output], CI))

  const failed = await forgeHere(['deploy', ...at, ...values], CI)
  expect(failed).toMatchObject({ status: 4, stderr: expect.stringContaining(KEPT) })
  expectInert(failed)
  expect(failed.stderr).toContain('\\x1b[31mred')

  const again = await forgeHere(['deploy', ...at, ...values, '--json', '--no-rollback'], CI)
  expectInert(again)
  const { evidence } = document<DeployReport>(again)
  const files = await readdir(evidence ?? '', { recursive: true, withFileTypes: true })
  for (const file of files.filter((one) => one.isFile()))
    expectInert({ stdout: await readFile(join(file.parentPath, file.name), 'utf8'), stderr: '' })

  for (const args of [
    ['status', ...at],
    ['status', ...at, '--output', 'json'],
    ['history', ...at],
    ['history', '3', ...at],
    ['history', '3', ...at, '--json'],
    ['rollback', ...at, '--dry-run'],
    ['logs', 'web', ...at, '--previous', '--json'],
    ['render', ...at, ...values],
  ])
    expectInert(await forgeHere(args, CI))

  const logs = await forgeHere(['logs', 'web', ...at, '--previous'], CI)
  expect(logs.stdout).toMatch(/^::stop-commands::([0-9a-f]{32})\n[^]*\n::\1::$/u)
  expect(logs.stdout).toMatch(/\u001B\[36mweb-\S+ │\u001B\[39m done\n/u)
  expectInert(logs, true)
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})
