import { describe, expect, test } from '@jest/globals'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import type { Project } from '../../src/domain/config/model.ts'
import { eventsOf, messageOf, type Ended } from '../../src/domain/notify/notice.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { ForgeError } from '../../src/errors.ts'
import { audienceFindings, readAudience, tellEnd } from '../../src/flows/notify/audience.ts'
import { toldIfItThrows } from '../../src/flows/notify/tell-run.ts'
import { forge } from '../../src/hint.ts'
import type { Webhooks } from '../../src/ports.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { memoryFiles, projectPorts, type Outside } from '../support/project-ports.ts'
import { minimal } from '../support/sample-config.ts'

const ADDRESS = 'https://hooks.example.test/services/T0/B0/s3cr3t-of-the-hook'

function projectWith(notify: unknown, own?: unknown): Project {
  const text = `${minimal}notify: ${JSON.stringify(notify)}\n`
  const config = own === undefined ? text : text.replace('dev: {', `dev: { notify: ${JSON.stringify(own)}, `)
  return resolveProject(parseConfig(config), 'dev', { file: '/p/forge.yaml', dir: '/p' })
}

async function audienceOf(project: Project, files: Readonly<Record<string, string>> = {}, outside: Outside = {}) {
  const redactor = new Redactor()
  return {
    redactor,
    audience: await readAudience(project, { project: projectPorts(memoryFiles(files), outside), redactor }),
  }
}

describe('where the address is', () => {
  const env = { HOOK: ADDRESS }
  test.each([
    ['env', { env: 'HOOK' }, 'environment variable HOOK'],
    ['file', { file: 'hook.txt' }, 'hook.txt'],
    ['dotenv', { dotenv: '.env', name: 'HOOK' }, 'HOOK of .env'],
    ['yaml', { yaml: 'hook.yaml', path: 'a.b' }, 'a.b of hook.yaml'],
    ['command', { command: ['pass', 'hook'] }, 'command pass'],
  ])('where the address is: %s', async (_, webhook, shown) => {
    const files = { 'hook.txt': `${ADDRESS}\n`, '.env': `HOOK=${ADDRESS}\n`, 'hook.yaml': `a: { b: '${ADDRESS}' }\n` }
    const { redactor, audience } = await audienceOf(projectWith([{ webhook }]), files, {
      env,
      commands: { 'pass hook': `${ADDRESS}\n` },
    })
    expect(audience).toMatchObject({
      listeners: [{ url: ADDRESS, on: ['failed', 'deployed', 'rolled-back'] }],
      problems: [],
    })
    expect(audience.listeners[0]?.shown).toContain(shown.split(' ')[0])
    expect(redactor.text(`it is ${ADDRESS}`)).toBe('it is •••')
  })

  test.each([
    ['not set', { env: 'HOOK' }, {}, 'environment variable HOOK is not set (webhook of notify)'],
    [
      'no address',
      { env: 'HOOK' },
      { HOOK: 'soon' },
      'environment variable HOOK is no address of a webhook (https://…)',
    ],
    ['another protocol', { env: 'HOOK' }, { HOOK: 'file:///etc/passwd' }, 'is no address of a webhook'],
  ])('%s', async (_, webhook, variables, message) => {
    const { audience } = await audienceOf(projectWith([{ webhook }]), {}, { env: variables })
    const [finding] = audienceFindings(audience)
    expect(finding).toMatchObject({ kind: 'refuse', error: { code: 'E_NOTIFY_SOURCE', exitStatus: 3 } })
    expect(JSON.stringify(audience.problems)).toContain(message)
    expect(JSON.stringify(audience.problems)).not.toContain('passwd')
  })

  test.each([
    [
      'the address itself',
      { literal: ADDRESS },
      /^forge.yaml:\d+:\d+: notify\[0\]\.webhook must not have the address itself/u,
    ],
    ['a text', ADDRESS, /^forge.yaml:\d+:\d+: notify\[0\]\.webhook must be a map, not "https:…"$/u],
  ])('%s is refused', (_, webhook, message) => {
    let refused: unknown
    try {
      projectWith([{ webhook }])
    } catch (error) {
      refused = error
    }
    expect(refused).toMatchObject({ code: 'E_CONFIG_INVALID', message: expect.stringMatching(message) })
    expect(String(refused)).not.toContain('s3cr3t')
  })
})

test.each([
  ['Slack', 'https://hooks.slack.com/services/T0AB12CD3/B0KTD4RQ9Y/xoq9Zt7canary2Lw'],
  ['Discord', 'https://discord.test/api/webhooks/123456789012345678/aB3canary-_x9Zt7'],
  ['a flow', 'https://Prod-00.Logic.test:443/workflows/ab12cd34ef56canary/paths/invoke?sp=%2Frun&sig=xoq9Zt7canary2Lw'],
  ['a login', 'https://bot:pw1234canary5@chat.test/hooks/x y/Zt7canary2LwQ9'],
])('no part of an address that opens it is shown, however it is spelled: %s', async (_, address) => {
  const { redactor } = await audienceOf(projectWith([{ webhook: { env: 'HOOK' } }]), {}, { env: { HOOK: address } })
  const { href, origin, pathname, search, password } = new URL(address)
  for (const text of [
    href,
    `${origin}${pathname}`,
    pathname,
    `${pathname}${search}`,
    search,
    password,
    decodeURI(href),
  ])
    expect(redactor.text(`POST ${text}: 200`)).not.toContain('canary')
  for (const word of ['services', 'webhooks', 'workflows', 'invoke', '/run'])
    expect(redactor.text(`all ${word} run`)).toBe(`all ${word} run`)
})

test('a long message is cut after it is redacted, and no secret by halves', () => {
  const redactor = new Redactor()
  redactor.add('secret-of-mine-1')
  const message = `${'x'.repeat(2_950)} secret-of-mine-1 ${'y'.repeat(5_000)}`
  const { text } = messageOf({ ...ENDED, verdict: { code: 'E', message } }, (one) => redactor.text(one))
  expect(text).not.toMatch(/secret-|of-mine/u)
  expect(text.length).toBeLessThanOrEqual(3_000)
})

test('an environment has listeners of its own, or none', () => {
  const base = [{ webhook: { env: 'A' } }]
  expect(projectWith(base, []).notify).toEqual([])
  expect(projectWith(base, [{ webhook: { env: 'B' }, on: ['failed'] }]).notify).toMatchObject([
    { source: { kind: 'env', name: 'B' }, on: ['failed'] },
  ])
})

const ENDED: Ended = {
  project: 'shop',
  environment: 'prod',
  command: 'deploy',
  outcome: 'restored',
  number: 42,
  verdict: { code: 'E_IMAGE_PULL', message: 'no <!channel> image & secret-of-mine-1' },
  by: 'ops@ci',
  seconds: 89.6,
}

test('the message says who, what and why, calls nobody, and holds no secret', () => {
  const redactor = new Redactor()
  redactor.add('secret-of-mine-1')
  expect(messageOf(ENDED, (text) => redactor.text(text)).text.split('\n')).toEqual([
    '✖ shop on prod: deploy #42 failed, what ran before runs again',
    'E_IMAGE_PULL: no &lt;!channel&gt; image &amp; •••',
    'by ops@ci, 90 s',
  ])
  const done = messageOf({ ...ENDED, outcome: 'deployed', verdict: undefined }, (text) => text)
  expect(done.text).toBe('✔ shop on prod: deploy #42 is deployed\nby ops@ci, 90 s')
})

test.each([
  ['deployed', 1, undefined, ['deployed']],
  ['rolled-back', 1, undefined, ['rolled-back']],
  ['restored', 1, ENDED.verdict, ['failed', 'rolled-back']],
  ['restored', 1, undefined, ['rolled-back']],
  ['failed', 1, ENDED.verdict, ['failed']],
  ['interrupted', 1, ENDED.verdict, ['failed']],
  ['interrupted', undefined, ENDED.verdict, []],
  ['refused', undefined, ENDED.verdict, []],
  ['unchanged', undefined, undefined, []],
  ['planned', undefined, undefined, []],
])('%s (#%s) is told as %j', (outcome, number, verdict, events) => {
  expect(eventsOf({ outcome, number, verdict })).toEqual(events)
})

describe('telling', () => {
  async function told(post: Webhooks['post'], on = ['failed'], pass = 0): Promise<string[]> {
    const said: string[] = []
    const clock = new FakeClock()
    const { audience, redactor } = await audienceOf(
      projectWith([{ webhook: { env: 'HOOK' }, on }]),
      {},
      { env: { HOOK: ADDRESS } },
    )
    const { by: identity, ...end } = ENDED
    const done = tellEnd(audience, end, {
      project: projectPorts(memoryFiles({})),
      redactor,
      clock,
      leave: new AbortController().signal,
      say: (lines) => void said.push(...lines),
      runner: { identity, pid: 1, command: 'forge deploy' },
      webhooks: { post },
    })
    if (pass > 0) await clock.advance(pass)
    await done
    expect(clock.pending).toBe(0)
    return said
  }
  const start = 'warning  E_NOTIFY_FAILED: the webhook of environment variable HOOK was not told: '

  test('nothing is said of what was taken', async () => {
    const posts: unknown[] = []
    const said = await told((url, message) => {
      posts.push([url, Object.keys(message)])
      return Promise.resolve({ status: 200 })
    })
    expect({ said, posts }).toEqual({ said: [], posts: [[ADDRESS, ['text']]] })
  })

  test.each([404, 500, 302])('status %i is a warning', async (status) => {
    expect(await told(() => Promise.resolve({ status }))).toEqual([`${start}it answered with status ${status}`])
  })

  test('who does not answer is not waited for', async () => {
    const hangs: Webhooks['post'] = async (_url, _message, signal) =>
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    expect(await told(hangs, ['failed'], 5_000)).toEqual([`${start}no answer within 5 s`])
  })

  test('many that do not answer are waited for together', async () => {
    const clock = new FakeClock()
    const names = Array.from({ length: 12 }, (_, at) => `HOOK_${at}`)
    const { audience, redactor } = await audienceOf(
      projectWith(names.map((env) => ({ webhook: { env } }))),
      {},
      { env: Object.fromEntries(names.map((name) => [name, `${ADDRESS}-${name}`])) },
    )
    const said: string[] = []
    const { by: identity, ...end } = ENDED
    const done = tellEnd(audience, end, {
      ...{ project: projectPorts(memoryFiles({})), redactor, clock, leave: new AbortController().signal },
      say: (lines) => void said.push(...lines),
      runner: { identity, pid: 1, command: 'forge deploy' },
      webhooks: {
        post: async (_url, _message, signal) =>
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      },
    })
    await clock.advance(5_000)
    await done
    expect({ said: said.length, pending: clock.pending }).toEqual({ said: 12, pending: 0 })
  })

  test.each([
    ['failed', 1, ['✖ shop on prod: recover failed, and what ran before does not run again']],
    ['was refused', 6, []],
  ])('what throws because it %s (exit status %i)', async (_, exit, told) => {
    const { audience, redactor } = await audienceOf(
      projectWith([{ webhook: { env: 'HOOK' } }]),
      {},
      { env: { HOOK: ADDRESS } },
    )
    const why = new ForgeError('E_LOCKED', 'why', { hint: forge('status'), exit })
    const heard: string[] = []
    const signal = new AbortController().signal
    const work = toldIfItThrows(
      Promise.reject(why),
      audience,
      { ...ENDED, command: 'recover' },
      {
        ...{ project: projectPorts(memoryFiles({})), redactor, clock: new FakeClock(), leave: signal, signal },
        say: (lines) => void heard.push(...lines),
        runner: { identity: 'ops@ci', pid: 1, command: 'forge recover' },
        webhooks: {
          post: async (_url, message) => {
            heard.push((message as { readonly text: string }).text.split('\n')[0] ?? '')
            return await Promise.resolve({ status: 200 })
          },
        },
      },
    )
    await expect(work).rejects.toBe(why)
    expect(heard).toEqual(told)
  })

  test('who cannot be reached is a warning', async () => {
    const why = new ForgeError('E_NOTIFY_FAILED', 'it could not be reached (ECONNREFUSED)', { hint: forge('status') })
    expect(await told(() => Promise.reject(why))).toEqual([`${start}it could not be reached (ECONNREFUSED)`])
  })

  test('who does not want to hear of it is not told', async () => {
    expect(await told(() => Promise.reject(new Error('asked')), ['deployed'])).toEqual([])
  })
})
