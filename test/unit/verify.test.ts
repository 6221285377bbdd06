import { expect, test } from '@jest/globals'
import type { Planned } from '../../src/flows/phases/planned.ts'
import { verify } from '../../src/flows/prove/verify.ts'
import { FakeClock } from '../support/fake-clock.ts'

const check = {
  kind: 'http',
  service: 'app',
  port: 8000,
  path: '/health',
  status: 200,
  timeoutMs: 2_000,
  at: { file: 'forge.yaml', line: 7, column: 5 },
}

/** The stack answers with these statuses, one after the other; the last one stays. */
function asking(...statuses: number[]) {
  const asked: string[] = []
  const ask = async ({ path }: { path: string }) => {
    asked.push(path)
    return await Promise.resolve({
      status: statuses[Math.min(asked.length, statuses.length) - 1] ?? 0,
      body: 'no database\nmore',
    })
  }
  const project = { verify: [check], environment: { namespace: 'prod', cluster: { sandbox: false } } }
  const context = { project, options: { skipVerify: false }, cluster: { ask } } as unknown as Planned
  const clock = new FakeClock()
  return { asked, clock, answer: verify(context, { clock, signal: new AbortController().signal }) }
}

test('the wanted answer is taken at once', async () => {
  const { answer, asked } = asking(200)
  expect(await answer).toEqual(['GET /health 200'])
  expect(asked).toHaveLength(1)
})

test('another answer is asked for again: an address reaches the proxies a moment after the pod is ready', async () => {
  const { answer, clock, asked } = asking(503, 503, 200)
  await clock.advance(1_000)
  expect(await answer).toEqual(['GET /health 200'])
  expect(asked).toHaveLength(3)
})

test('when the time of the check is up the last answer is the reason', async () => {
  const { answer, clock } = asking(404, 503)
  const failed = expect(answer).rejects.toMatchObject({
    code: 'E_VERIFY',
    message: 'GET /health of service app answered 503 instead of 200: no database',
    details: { chain: ['Service/app', 'GET /health', 'answered 503'], where: 'forge.yaml:7' },
  })
  await clock.advance(3_000)
  await failed
})
