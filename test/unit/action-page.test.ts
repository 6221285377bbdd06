import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { hasWritten, keepPage } from '../../src/cli/github/page.ts'
import { pageLine } from '../../src/cli/step/command-line.ts'
import { jobSummary } from '../../src/screen/github/job-summary.ts'

const inputs = (command: string, args: readonly string[] = [], more: object = {}) => ({
  ...{ words: command.split(' '), env: 'prod', args, context: 'ci', dir: 'shop', ...more },
})

test('the page is asked for where the deploy was', () => {
  expect(pageLine(inputs('deploy'), '/s/k', 4, '/k/report.html')?.join(' ')).toBe(
    'report 4 -C shop --env prod --context ci --kubeconfig /s/k --out /k/report.html --json',
  )
})

test.each([
  ['deploy', ['--set', 'a=b', '--env=prod', '--yes'], 'report 1 -C shop --context ci --env=prod --out r --json'],
  ['rollback', ['--to=3', '--context', 'eu', '-nshop'], 'report 1 -C shop --context eu -nshop --out r --json'],
  ['recover', ['--project', 'p', '-n', 'shop'], 'report 1 -C shop --context ci --project p -n shop --out r --json'],
  ['migrate-to-helm', ['--out', 'x', '--verbose'], 'report 1 -C shop --context ci --out r --json'],
])('of %s %j is kept what leads there: %s', (command, args, line) => {
  expect(pageLine(inputs(command, args, { env: '' }), undefined, 1, 'r')?.join(' ')).toBe(line)
})

test.each(['plan', 'rehearse', 'status', 'secrets apply'])('%s has no page', (command) => {
  expect(pageLine(inputs(command), undefined, 1, 'r')).toBeUndefined()
})

const RUN = {
  ...{ command: 'deploy', environment: 'prod', outcome: 'deployed', status: 0, deploy: 4, verdict: null },
  ...{ steps: [], restarted: [], plan: undefined, rehearsal: undefined, evidence: [], now: 0 },
}
const summary = (page: { readonly refused: string | undefined }): string => jobSummary({ ...RUN, page })

test('the summary names the page, and the page names no file that is gone', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'forge-page-')), 'report.html')
  const run = async () => {
    await writeFile(file, 'next: forge recover --kubeconfig /s/k --env prod')
    return { status: 0, stdout: '{}', stderr: '' }
  }
  const page = await keepPage(file, run, (text) => text.replace(' --kubeconfig /s/k', ''))
  expect(await readFile(file, 'utf8')).toBe('next: forge recover --env prod')
  expect(summary(page)).toContain('`report.html` in the artifact')
})

test.each([
  [{ code: 'E_UNREACHABLE', message: 'nobody | answers' }, '<code>E&#95;UNREACHABLE nobody &#124; answers</code>'],
  [null, 'failed (exit status 1)'],
])('a page that cannot be made (%j) is told in the summary, and is no failure', async (verdict, told) => {
  const run = async () => await Promise.resolve({ status: 1, stdout: JSON.stringify({ verdict }), stderr: '' })
  const text = summary(await keepPage('/nowhere/report.html', run, (one) => one))
  expect(text).toMatch(/^## ✔ forge deploy #4 → prod: deployed$/mu)
  expect(text).toContain(`⚠ This deploy has no page in the artifact: ${told}`)
})

test.each([
  ['deployed', true],
  ['restored', true],
  ['failed', true],
  ['unchanged', false],
  ['refused', false],
])('a run that is %s has a page of its own: %s', (outcome, has) => expect(hasWritten({ outcome })).toBe(has))
