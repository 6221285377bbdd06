import { describe, expect, test } from '@jest/globals'
import { conclude, type Ask } from '../../src/cli/argo/conclude.ts'
import { childEnv, readInputs } from '../../src/cli/argo/inputs.ts'
import { endedIn, outputsOf, statusOf } from '../../src/cli/argo/outputs.ts'
import { commandLine } from '../../src/cli/step/command-line.ts'

const ENV = { FORGE_ARGO_COMMAND: 'deploy', FORGE_ARGO_OUT: '/tmp/forge', FORGE_HOLDER: 'deploy-x7k2p' }
const KEPT = { events: '/k/events', plan: '/k/plan', evidence: '/k/evidence' }

describe('what a template asks for', () => {
  test('is a command line, in which nothing is quoted', () => {
    const inputs = readInputs({
      ...ENV,
      FORGE_ARGO_ENV: 'prod',
      FORGE_ARGO_CONTEXT: 'in-cluster',
      FORGE_ARGO_DIR: 'config',
      FORGE_ARGO_ARGS: '--release=app\n\n--set=a=b c; $(d)\n--yes',
    })
    expect(commandLine(inputs, undefined, KEPT, { shows: true }).args).toEqual([
      ...['deploy', '-C', 'config', '--env', 'prod', '--context', 'in-cluster'],
      ...['--events', '/k/events', '--evidence', '/k/evidence', '--release=app', '--set=a=b c; $(d)', '--yes'],
    ])
    expect(inputs).toMatchObject({ holder: 'deploy-x7k2p', wait: '10m' })
  })

  test('reaches forge by no variable but its own', () => {
    expect(childEnv({ ...ENV, FORGE_ARGO_ARGS: '--yes', LOGIN_PASSWORD: 'x' })).toEqual({
      ...{ FORGE_HOLDER: 'deploy-x7k2p', LOGIN_PASSWORD: 'x' },
    })
  })

  test.each([{ FORGE_ARGO_COMMAND: 'deploy; rm' }, { FORGE_ARGO_COMMAND: '' }, { FORGE_ARGO_OUT: 'out' }])(
    'is refused: %j',
    (wrong) => expect(() => readInputs({ ...ENV, ...wrong })).toThrow(RangeError),
  )
})

const ENDED = {
  ...{ v: 1, seq: 9, at: '2026-11-28T12:00:00Z', type: 'ended', outcome: 'restored', deploy: 42, code: 'E_CRASH_LOOP' },
  ...{ message: 'app cannot start', chain: ['Deployment/app'], where: 'forge.yaml:27', hint: 'forge history 42' },
}

describe('what came of a run', () => {
  test('is its last event', () => {
    const ended = endedIn(`{"type":"begun"}\n${JSON.stringify(ENDED)}\n`)
    expect(outputsOf({ command: 'deploy', status: 4, stdout: '', ended })).toEqual({
      ...{ outcome: 'restored', deploy: '42', code: 'E_CRASH_LOOP', verdict: 'app cannot start' },
      ...{ changed: '', images: '' },
      report: JSON.stringify({
        ...{ outcome: 'restored', deploy: 42 },
        verdict: {
          ...{ code: 'E_CRASH_LOOP', message: 'app cannot start', chain: ['Deployment/app'] },
          ...{ where: 'forge.yaml:27', hint: 'forge history 42' },
        },
      }),
    })
  })

  test.each([
    ['a run that was killed', '{"type":"step","sta', 137, 'failed'],
    ['one that told nothing', '', 3, 'refused'],
    ['one without an end', '{"type":"begun"}\n', 143, 'interrupted'],
  ])('%s', (_, events, status, outcome) => {
    const outputs = outputsOf({ command: 'deploy', status, stdout: '', ended: endedIn(events) })
    expect(outputs).toMatchObject({ outcome, deploy: '', code: '', verdict: '' })
  })

  test.each([
    ['plan', 10, 'true', 0],
    ['plan', 0, 'false', 0],
    ['plan', 3, '', 3],
    ['deploy', 10, '', 10],
  ])('%s with exit status %d: changed "%s"', (command, status, changed, passed) => {
    expect(outputsOf({ command, status, stdout: '', ended: undefined }).changed).toBe(changed)
    expect(statusOf(command, status)).toBe(passed)
  })

  test.each([
    ['deployed', 'true'],
    ['unchanged', 'false'],
    ['restored', ''],
  ])('%s: changed "%s"', (outcome, changed) => {
    const ended = endedIn(JSON.stringify({ ...ENDED, outcome }))
    expect(outputsOf({ command: 'deploy', status: 0, stdout: '', ended }).changed).toBe(changed)
  })

  test('images are flags of a deploy, those alone that have a digest', () => {
    const digest = `sha256:${'0a'.repeat(32)}`
    const stdout = `app     ghcr.io/acme/app:sha-1@${digest}\nworker  h:5000/w:sha-2@${digest}\nlocal   app:sha-3\n`
    expect(outputsOf({ command: 'images push', status: 0, stdout, ended: undefined }).images).toBe(
      `--image=app=ghcr.io/acme/app:sha-1@${digest}\n--image=worker=h:5000/w:sha-2@${digest}`,
    )
  })

  test('is no longer than a workflow has place for', () => {
    const ended = endedIn(JSON.stringify({ ...ENDED, message: 'x'.repeat(1e6), chain: ['y'.repeat(1e6)] }))
    const outputs = outputsOf({ command: 'deploy', status: 4, stdout: '', ended })
    expect(JSON.stringify(outputs).length).toBeLessThan(50_000)
    expect(JSON.parse(outputs.report)).toMatchObject({ outcome: 'restored', deploy: 42 })
  })
})

describe('the end of a workflow', () => {
  const entry = (number: number, state: string, by: string): object => ({
    ...{ number, state, by, startedAt: '', endedAt: null },
    verdict: state === 'deployed' ? null : { code: 'E_X', message: 'why' },
  })

  interface World {
    readonly asked: string[]
    readonly said: string[]
    readonly run: ReturnType<typeof conclude>
  }
  /** What the journal has, before and after a recovery. */
  function world(
    before: readonly object[],
    after: readonly object[] = before,
    { statuses = [0, 0, 0], outcome = 'restored' } = {},
  ): World {
    const asked: string[] = []
    const said: string[] = []
    const ask: Ask = async (words, flags) => {
      const status = statuses[asked.push([...words, ...flags].join(' ')) - 1] ?? 0
      return await Promise.resolve({
        ...{ status, stderr: '', ended: endedIn(JSON.stringify({ ...ENDED, outcome })) },
        stdout: JSON.stringify({ deploys: asked.includes('recover --wait-for-lock 20m') ? after : before }),
      })
    }
    return { asked, said, run: conclude({ holder: 'w', wait: '20m' }, ask, (line) => said.push(line)) }
  }

  test.each([
    ['it deployed', [entry(2, 'deployed', 'w')], 'deployed', '2'],
    ['it went back by itself', [entry(2, 'restored', 'w'), entry(1, 'deployed', 'other')], 'restored', '2'],
    ['it failed and could not go back', [entry(2, 'failed', 'w')], 'failed', '2'],
    ['another one deployed since', [entry(3, 'running', 'other'), entry(2, 'deployed', 'w')], 'deployed', '2'],
    ['it was refused, and another one deploys', [entry(3, 'running', 'other')], 'nothing', ''],
  ])('nothing is done where %s', async (_, deploys, outcome, deploy) => {
    const { asked, run } = world(deploys)
    expect(await run).toMatchObject({ status: 0, outputs: { outcome, deploy, changed: '' } })
    expect(asked).toEqual(['history --json'])
  })

  test.each(['running', 'killed', 'interrupted'])(
    'what is %s is put right, once its own pod is gone',
    async (state) => {
      const { asked, said, run } = world([entry(2, state, 'w')], [entry(2, 'restored', 'w')])
      expect(await run).toMatchObject({ status: 0, outputs: { outcome: 'restored', code: 'E_X', changed: 'true' } })
      expect(asked).toEqual(['history --json', 'recover --wait-for-lock 20m', 'history --json'])
      expect(said).toEqual([`#2 of w is ${state}: putting right what it left`, '#2 restored: E_X, why'])
    },
  )

  test('what has gone back by itself meanwhile is only waited for', async () => {
    const { run } = world([entry(2, 'running', 'w')], [entry(2, 'restored', 'w')], { outcome: 'unchanged' })
    expect(await run).toMatchObject({ status: 0, outputs: { outcome: 'restored', changed: 'false' } })
  })

  test('a recovery that fails fails the handler, which says what there is', async () => {
    const { run } = world([entry(2, 'killed', 'w')], [entry(2, 'killed', 'w')], { statuses: [0, 5, 0] })
    expect(await run).toMatchObject({ status: 5, outputs: { outcome: 'killed', changed: '' } })
  })

  test('a cluster that is not there is no good end', async () => {
    const { run } = world([], [], { statuses: [7] })
    expect(await run).toMatchObject({ status: 7, outputs: { outcome: 'unknown' } })
  })
})
