import { describe, expect, test } from '@jest/globals'
import { commandLine } from '../../src/cli/step/command-line.ts'
import { childEnv, readInputs } from '../../src/cli/github/inputs.ts'
import { hasChanged, outcomeOf, outputText } from '../../src/cli/step/result.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import { JobLog } from '../../src/screen/github/job-log.ts'
import { commentMark } from '../../src/screen/github/comment.ts'
import { planComment } from '../../src/screen/github/plan-comment.ts'
import { annotation, placeIn, workflowCommand } from '../../src/screen/github/workflow-command.ts'
import { Runner } from '../support/runner.ts'

const KEPT = { events: '/k/events', plan: '/k/plan', evidence: '/k/evidence' }
const inputs = (env: Record<string, string> = {}, event: unknown = {}) =>
  readInputs({ FORGE_ACTION_COMMAND: 'deploy', GITHUB_REPOSITORY: 'acme/shop', ...env }, event)
const pull = (repo: unknown) => ({ pull_request: { number: 5, head: { repo } } })

describe('inputs', () => {
  test.each([
    ['--set a=b  --yes', ['--set', 'a=b', '--yes']],
    ['--set\na=b c\n', ['--set', 'a=b c']],
    ['$(rm -rf /)', ['$(rm', '-rf', '/)']],
    ['', []],
  ])('args %j are %j', (text, args) => expect(inputs({ FORGE_ACTION_ARGS: text }).args).toEqual(args))

  test.each([
    ['a push', '', {}, false],
    ['a pull request of the repository', 'auto', pull({ full_name: 'acme/shop' }), false],
    ['one of a fork', 'auto', pull({ full_name: 'stranger/shop' }), true],
    ['one of a fork that is gone', '', pull(null), true],
    ['one of a fork that is trusted all the same', 'false', pull({ full_name: 'stranger/shop' }), false],
    ['a push that is not trusted', 'true', {}, true],
    ['what is no clear no', 'nope', {}, true],
  ])('%s (%j): untrusted %s', (_, said, event, untrusted) => {
    const found = inputs({ FORGE_ACTION_UNTRUSTED: said }, event)
    expect(found.isUntrusted).toBe(untrusted)
    expect(childEnv({ A: 'a', FORGE_ACTION_TOKEN: 't' }, found)).toEqual({
      A: 'a',
      ...(untrusted ? { FORGE_UNTRUSTED: '1' } : {}),
    })
  })

  test('a version of helm reaches forge, and no other input', () => {
    const env = { FORGE_ACTION_HELM_VERSION: '3.22.0', FORGE_ACTION_KUBECONFIG: 'x' }
    expect(childEnv(env, inputs(env))).toEqual({ FORGE_HELM_VERSION: '3.22.0' })
  })

  test.each(['', 'deploy; rm', '--version', '$(x)', 'deploy\nplan'])('the command %j is none', (command) => {
    expect(() => inputs({ FORGE_ACTION_COMMAND: command })).toThrow(RangeError)
  })
})

describe('the command line', () => {
  const line = (env: Record<string, string>) => commandLine(inputs(env), '/s/kubeconfig', KEPT).args.join(' ')

  test('names what the command takes, and nothing else', () => {
    const all = { FORGE_ACTION_ENV: 'prod', FORGE_ACTION_CONTEXT: 'ci' }
    expect(line(all)).toBe(
      'deploy -C . --env prod --context ci --kubeconfig /s/kubeconfig --events /k/events --evidence /k/evidence --json',
    )
    expect(line({ ...all, FORGE_ACTION_COMMAND: 'rehearse', FORGE_ACTION_ARGS: '--all' })).toBe(
      'rehearse -C . --env prod --context ci --kubeconfig /s/kubeconfig --events /k/events --json --all',
    )
    expect(line({ ...all, FORGE_ACTION_COMMAND: 'validate' })).toBe('validate -C . --env prod --json')
    expect(line({ ...all, FORGE_ACTION_COMMAND: 'explain', FORGE_ACTION_ARGS: 'E_USAGE' })).toBe('explain E_USAGE')
  })

  test('leaves what args say to them', () => {
    expect(line({ FORGE_ACTION_COMMAND: 'plan', FORGE_ACTION_ARGS: '--out=p.json --json' })).toBe(
      'plan -C . --kubeconfig /s/kubeconfig --events /k/events --out=p.json --json',
    )
  })
})

describe('where a verdict points to', () => {
  test.each([
    ['forge.yaml:4:27', { file: 'forge.yaml', line: 4, column: 27 }],
    ['.env:14  LOG_LEVEL=verbose   (ConfigMap app-env)', { file: '.env', line: 14 }],
    ['namespace prod', undefined],
    ['--set  app.image=registry.invalid/app:2', undefined],
    ['Deployment/web', undefined],
  ])('%j', (where, place) => expect(placeIn(where)).toEqual(place))
})

test('what others say is no command, in none of its parts', () => {
  const evil = 'a\n::error::pwned\r\n##[error]x, y: z%0A'
  const said = annotation({ code: 'E_X', message: evil, hint: evil }, { file: 'a,b:c\n::debug::d', line: 1 })
  expect(said.split('\n')).toHaveLength(1)
  expect(new Runner().read(said).obeyed.map(({ name }) => name)).toEqual(['error'])
  expect(workflowCommand('group', '100%\n::x::')).toBe('::group::100%25%0A:\\:x::')
})

test('a group that is open obeys its token alone, whatever a pod prints', () => {
  let count = 0
  const log = new JobLog(() => `token${(count += 1)}`)
  const step = { type: 'step', name: 'app', index: 1, total: 2 } as const
  const lines = [
    ...log.linesOf({ ...step, state: 'running' }),
    ...log.linesOf({ type: 'line', source: 'pod', text: 'x\n::endgroup::\n::token::\n##[error]y\r::error::z' }),
    ...log.linesOf({ ...step, name: 'other', state: 'running' }),
    ...log.linesOf({ ...step, state: 'done', seconds: 1, text: '::error::found' }),
  ]
  const { obeyed, isStopped } = new Runner().read(lines.join('\n'))
  expect({ isStopped, obeyed: obeyed.map(({ name }) => name) }).toEqual({
    isStopped: false,
    obeyed: ['group', 'endgroup', 'group', 'endgroup'],
  })
})

function planOf(count: number, length: number): PlanDocument {
  const objects = Array.from({ length: count }, (_, at) => ({
    object: `ConfigMap/c${at}`,
    ref: { apiVersion: 'v1', kind: 'ConfigMap', name: `c${at}` },
    action: 'change',
    changes: [{ path: 'data.a', before: 'b', after: 'é'.repeat(length) }],
    conflicts: [],
    drift: [],
    notChecked: null,
    reason: null,
  }))
  return {
    ...{ apiVersion: 'forge/v1', kind: 'Plan', version: 1, project: 'shop', environment: 'prod', namespace: 'shop' },
    ...{ cluster: 'ci', createdAt: '2026-01-01T00:00:00Z', live: null, drift: 'refuse', unchanged: false },
    ...{ releases: [], objects, secrets: [], restarts: [], left: [], definitions: [], waits: [], jobs: [], images: [] },
    ...{ room: null, back: { possible: 'yes', rows: [] }, losses: [], unknownLosses: [], notChecked: [], warnings: [] },
  } as unknown as PlanDocument
}

test.each([
  [3, 20, true],
  [400, 40, false],
  [5000, 200, false],
])('the comment of a plan of %d objects with values of %d letters fits', (count, length, folded) => {
  const body = planComment(planOf(count, length), { now: 0, commit: 'abc', run: 'https://x.invalid/1' })
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(65_536)
  expect(body.startsWith(commentMark('plan', { project: 'shop', environment: 'prod' }))).toBe(true)
  expect(body.includes('<details>')).toBe(folded)
  expect(body.includes('Too long for a comment')).toBe(!folded)
})

test('no value of an output ends itself', () => {
  const text = outputText({ verdict: 'a\nforge-1\noutcome=pwned', code: '' })
  const [, end = ''] = /^verdict<<(\S+)\n/u.exec(text) ?? []
  expect(text.split(`\n${end}\n`)).toHaveLength(2)
})

test.each([
  [{ outcome: 'deployed' }, true],
  [{ outcome: 'unchanged' }, false],
  [{ outcome: 'planned', plan: planOf(0, 0) }, true],
  [{ outcome: 'refused' }, undefined],
])('has %j changed anything: %s', (report, changed) => expect(hasChanged(report)).toBe(changed))

test.each([
  [0, 'done'],
  [3, 'refused'],
  [8, 'not-ready'],
  [143, 'interrupted'],
  [1, 'failed'],
])('exit status %d is %s', (status, outcome) => expect(outcomeOf(status)).toBe(outcome))
