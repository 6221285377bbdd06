import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { commentOn } from '../../src/cli/github/pull-comment.ts'
import { hasChanged } from '../../src/cli/step/result.ts'
import type { RehearsedFailure, Rehearsal } from '../../src/domain/rehearsal/model.ts'
import { commentMark } from '../../src/screen/github/comment.ts'
import { jobSummary } from '../../src/screen/github/job-summary.ts'
import { rehearsalAnnotations, rehearsalComment } from '../../src/screen/github/rehearsal-comment.ts'
import { rehearsalMarkdown } from '../../src/screen/rehearsal-markdown.ts'
import { GitHubApi } from '../support/github-api.ts'
import { Runner } from '../support/runner.ts'

const CRASH: RehearsedFailure = {
  failure: 'app=crash-loop',
  where: 'Deployment/app',
  verdict: { code: 'E_CRASH_LOOP', sentence: 'app cannot start: exit 1' },
  seconds: 4.24,
  explained: true,
  restored: true,
  why: null,
  remark: null,
}

const UNSEEN: RehearsedFailure = {
  ...{ failure: 'web=flapping', where: 'Deployment/web', verdict: null, seconds: null },
  ...{ explained: false, restored: true, why: 'its probe is not looked at', remark: null },
}

const rehearsalOf = (failures: readonly RehearsedFailure[], more: Partial<Rehearsal> = {}): Rehearsal => ({
  scene: {
    kubernetes: { environment: '1.36.2', sandbox: '1.36' },
    copied: { nodes: 3, namespaces: 1, storageClasses: 1, definitions: 2, objects: 20, secrets: 4, records: 2 },
    notRehearsed: ['images are not run'],
  },
  deploy: { outcome: 'deployed', seconds: 12, deploy: 43, verdict: null },
  failures,
  notProvoked: [{ failure: 'data=provisioning', why: 'no volume is made tonight' }],
  summary: `rehearsed: ${failures.length} failures`,
  ...more,
})

const ABOUT = { project: 'shop', environment: 'prod' }
const SCREEN = { now: 0, commit: 'abc', run: 'https://x.invalid/1' }
const comment = (rehearsal: Rehearsal): string => rehearsalComment(rehearsal, ABOUT, SCREEN)
const RUN = {
  ...{ command: 'rehearse', environment: 'prod', outcome: 'would-fail', status: 4, deploy: null, verdict: null },
  ...{ steps: [], restarted: [], plan: undefined, page: undefined, evidence: [], now: 0 },
}

test('the table has a row for each failure, what went wrong first, and the rest in a fold', () => {
  const crash = { ...CRASH, restored: null, remark: 'app restarts to fail' }
  expect(rehearsalMarkdown(rehearsalOf([crash, UNSEEN]), () => true)).toEqual([
    '**rehearsed: 2 failures**',
    '',
    '| | Failure | Where | Verdict | After | Explained | Restored |',
    '|---|---|---|---|---:|---|---|',
    '| ✖ | `web=flapping` | `Deployment/web` | none: the deploy went through<br>its probe is not looked at | – | **no** | yes |',
    '| ✔ | `app=crash-loop` | `Deployment/app` | `E_CRASH_LOOP` app cannot start: exit 1<br>app restarts to fail | 4.2s | yes | no need |',
    '',
    "Tonight's deploy, #43: deployed after 12.0s.",
    '',
    '<details><summary>1 failure not provoked, and what the sandbox does not have</summary>',
    '',
    'Kubernetes 1.36.2; the sandbox has 1.36.',
    '',
    '**Not provoked**',
    '',
    '- `data=provisioning`: no volume is made tonight',
    '',
    '**Not rehearsed**',
    '',
    '- images are not run',
    '',
    '</details>',
  ])
})

test('a deploy that fails by itself says why, and has no table', () => {
  const verdict = { code: 'E_JOB_FAILED', sentence: 'Job/migrate failed' }
  const lines = rehearsalMarkdown(
    rehearsalOf([], { deploy: { outcome: 'rolled-back', seconds: 61, deploy: null, verdict } }),
    () => true,
  )
  expect(lines).toContain("Tonight's deploy: rolled back after 61.0s. `E_JOB_FAILED` Job/migrate failed")
  expect(lines.join('\n')).not.toContain('| Failure')
})

const HOSTILE = 'x</details>\n\n# title\n| a | b |\n<img src=y> @acme ::error::z `'
const hostile: RehearsedFailure = {
  ...{ failure: HOSTILE, where: HOSTILE, verdict: { code: 'E_X', sentence: HOSTILE }, seconds: 1 },
  ...{ explained: false, restored: false, why: HOSTILE, remark: HOSTILE },
}

describe('what a chart or a pod says', () => {
  const rehearsal = rehearsalOf([hostile], {
    summary: HOSTILE,
    notProvoked: [{ failure: HOSTILE, why: HOSTILE }],
    deploy: { outcome: 'failed', seconds: 1, deploy: null, verdict: { code: 'E_X', sentence: HOSTILE } },
    scene: { ...rehearsalOf([]).scene, notRehearsed: [HOSTILE] },
  })

  test.each([
    ['the comment', comment(rehearsal)],
    ['the summary', jobSummary({ ...RUN, rehearsal })],
  ])('is nothing but text in %s', (_, text) => {
    expect(text.match(/<\/details>/gu)).toHaveLength(1)
    expect(text).not.toMatch(/^# title|<img|^\| a/mu)
    const table = text.split('\n').filter((line) => line.startsWith('|'))
    expect(table).toHaveLength(3)
    for (const row of table) expect(row.match(/\|/gu)).toHaveLength(8)
  })

  test('is no command to the runner in an annotation', () => {
    const { obeyed, isStopped } = new Runner().read(rehearsalAnnotations(rehearsal).join('\n'))
    expect({ isStopped, names: obeyed.map(({ name }) => name) }).toEqual({ isStopped: false, names: ['error'] })
  })
})

test('what is not explained or not restored is an annotation, at most ten with that of the run', () => {
  expect(rehearsalAnnotations(rehearsalOf([{ ...CRASH, restored: null }]))).toEqual([])
  const said = rehearsalAnnotations(rehearsalOf([CRASH, UNSEEN, { ...CRASH, restored: false, why: 'app is gone' }]))
  expect(said).toEqual([
    '::error title=web=flapping::Deployment/web: not explained: its probe is not looked at',
    '::error title=app=crash-loop::Deployment/app: not restored: app is gone',
  ])
  const many = rehearsalAnnotations(rehearsalOf(Array.from({ length: 20 }, () => UNSEEN)))
  expect(many).toHaveLength(9)
  expect(many.at(-1)).toBe('::error::12 more: the summary of the job has all')
})

const failuresOf = (count: number, length: number): RehearsedFailure[] =>
  Array.from({ length: count }, (_, at) => ({
    ...CRASH,
    verdict: { code: 'E_X', sentence: `${at} ${'é'.repeat(length)}` },
    ...(at === count - 1 ? { restored: false, why: 'the last of all' } : {}),
  }))

test.each([
  [3, 20, 'fold'],
  [150, 50, 'fold'],
  [400, 300, 'rows'],
  [9000, 10, 'rows'],
])('the comment of %d failures with sentences of %d letters fits: what goes is the %s', (count, length, what) => {
  const body = comment(rehearsalOf(failuresOf(count, length)))
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(65_536)
  expect(body.startsWith(`${commentMark('rehearse', ABOUT)}\n`)).toBe(true)
  expect(body).toContain(`**rehearsed: ${count} failures**`)
  // What went wrong is never what is left out.
  expect(body).toContain('the last of all')
  expect(/(\d+) failures of \d+ left out/u.test(body)).toBe(what === 'rows')
  expect(body.includes('<details>')).toBe(what === 'fold')
  expect(body).toContain('<sub>abc · https://x.invalid/1</sub>')
})

test('one sentence cannot make a comment too long, nor a hundred notes', () => {
  const long = 'é'.repeat(100_000)
  const body = comment(
    rehearsalOf([{ ...CRASH, failure: long, where: long, why: long }], {
      summary: long,
      deploy: { outcome: 'failed', seconds: 1, deploy: 1, verdict: { code: 'E_X', sentence: long } },
      scene: { ...rehearsalOf([]).scene, notRehearsed: [long] },
    }),
  )
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(65_536)
  expect(body).toContain('all of it is in the artifact')
})

test('the summary of many keeps what GitHub takes', () => {
  const text = jobSummary({ ...RUN, rehearsal: rehearsalOf(failuresOf(9000, 300)) })
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000_000)
  expect(text).toMatch(/^## ✖ forge rehearse → prod: would-fail$/mu)
  expect(text).toContain('the last of all')
})

test.each([
  ['deployed', true],
  ['unchanged', false],
  ['rolled-back', true],
  ['refused', undefined],
] as const)('a rehearsed deploy that is %s changes something: %s', (outcome, changed) => {
  const rehearsal = rehearsalOf([], { deploy: { outcome, seconds: 1, deploy: null, verdict: null } })
  expect(hasChanged({ outcome: 'rehearsed', rehearsal })).toBe(changed)
})

const github = new GitHubApi()
afterAll(() => github.close())

test('the rehearsal of a pull request, or why there is none, is one comment, beside that of the plan, or a warning', async () => {
  const said: string[] = []
  const workspace = await mkdtemp(join(tmpdir(), 'forge-ci-'))
  const place = {
    inputs: { pull: { number: 5, token: 't' }, words: ['rehearse'], env: 'prod', dir: '.' },
    job: {
      ...{ api: await github.url(), repository: 'acme/shop', commit: 'abc', runUrl: 'https://x.invalid/1' },
      workspace,
    },
    say: (line: string) => said.push(line),
  }
  github.comments.push({ id: 1, body: `${commentMark('plan', ABOUT)}\nthe plan` })
  for (const failures of [[], [UNSEEN]])
    await commentOn({ status: 0, report: { ...ABOUT, rehearsal: rehearsalOf(failures) } }, place)
  expect(github.comments.map(({ body }) => body.split('\n')[0])).toEqual([
    '<!-- forge plan shop/prod -->',
    '<!-- forge rehearse shop/prod -->',
  ])
  expect(github.comments[1]?.body).toContain('`web=flapping`')
  // One that is cancelled makes room for a newer one, and whose it is cannot be told without a forge.yaml.
  await commentOn({ status: 130, report: { ...ABOUT, outcome: 'interrupted', rehearsal: null } }, place)
  await commentOn({ status: 2, report: { outcome: 'refused' } }, place)
  expect(github.comments[1]?.body).toContain('`web=flapping`')

  const verdict = { code: 'E_DRIFT', message: 'somebody @changed replicas', hint: 'forge plan --env prod' }
  await commentOn({ status: 3, report: { ...ABOUT, outcome: 'refused', verdict, rehearsal: null } }, place)
  expect(github.comments[1]?.body.split('\n')).toEqual([
    '<!-- forge rehearse shop/prod -->',
    '### shop → prod: rehearsal',
    '',
    '**Not rehearsed: refused**',
    '',
    '`E_DRIFT` `somebody @changed replicas`',
    '',
    'Next: `forge plan --env prod`',
    '',
    '<sub>abc · https://x.invalid/1</sub>',
  ])
  await writeFile(join(workspace, 'forge.yaml'), 'version: 1\nproject: shop\nreleases: {\n')
  await commentOn({ status: 1, report: undefined }, place)
  expect(github.comments[1]?.body).toContain('exit status 1: the log of the step says why')
  expect(github.comments).toHaveLength(2)

  expect(said).toEqual([])
  github.refuses = true
  await commentOn({ status: 0, report: { ...ABOUT, rehearsal: rehearsalOf([]) } }, place)
  expect(said).toEqual([expect.stringMatching(/^::warning::the rehearsal is in the job's summary, .*403/u)])
})
