import { describe, expect, test } from '@jest/globals'
import { DOCUMENTED, documented } from '../../src/screen/documented.ts'
import { Events } from '../../src/domain/events/events.ts'
import type { RunEvent } from '../../src/domain/events/model.ts'
import { eventSchema } from '../../src/domain/events/schema.ts'
import { Shop } from '../support/fake-cluster/shop.ts'
import { cut, deploys, momentOf, momentsOf } from '../support/fake-cluster/walk.ts'

const INTERNAL = ['detail', 'stopping'] as const

/** All that a deploy tells, in order; and its report. */
async function told(types: readonly RunEvent['type'][], shop = new Shop()) {
  const heard: RunEvent[] = []
  const run = shop.run()
  run.events.on(types, (event) => void heard.push(event))
  const { report } = await run.deploy()
  return { heard, report }
}

describe('a deploy tells', () => {
  test('its steps, how far each is, and its workloads, with the stages as data', async () => {
    const { heard, report } = await told([...DOCUMENTED, ...INTERNAL])
    expect(heard[0]).toMatchObject({ type: 'begun', command: 'deploy' })
    const steps = heard.flatMap((one) => (one.type === 'step' ? [`${one.step.name} ${one.state}`] : []))
    expect(steps).toEqual(report.steps.flatMap(({ name }) => [`${name} running`, `${name} done`]))
    const stages = heard.flatMap((one) =>
      one.type === 'detail' && typeof one.detail === 'object' && 'stage' in one.detail ? [one.detail.stage] : [],
    )
    expect(stages.at(-1)).toMatchObject({ isBlind: false, workloads: [{ verdict: { state: 'ready' } }] })
    expect(heard.filter(({ type }) => type === 'workload').at(-1)).toMatchObject({ state: 'ready', way: 'there' })
  })

  test('the same step object in each event of it, so that whoever draws it knows its own', async () => {
    const { heard } = await told(['step', 'detail'])
    const positions = new Set(heard.flatMap((one) => ('step' in one ? [one.step] : [])))
    expect(positions.size).toBe(heard.filter((one) => one.type === 'step' && one.state === 'running').length)
  })

  test('a report of what every step came to, also of those after a failure', async () => {
    const shop = new Shop()
    await told([], shop)
    const { report } = await told([], shop.change('top:broken'))
    const ends = report.steps.map(({ name, outcome }) => `${name} ${outcome}`)
    expect(ends.slice(-3)).toEqual([expect.stringMatching(/ failed$/u), 'evidence done', 'rollback done'])
    for (const { startedAt, seconds } of report.steps) {
      expect(startedAt).toMatch(/^\d{4}-\d\d-\d\dT/u)
      expect(seconds).toBeGreaterThanOrEqual(0)
    }
  })
})

test("a recovery that a deploy begins with tells its step, which is none of the deploy's own", async () => {
  const shop = new Shop()
  const moments = await momentsOf(shop, deploys)
  const left = await cut(shop, deploys, momentOf(moments, 'helm upgrade top: revision 1 deployed'))
  const { heard, report } = await told(['step'], left)
  const names = heard.flatMap((one) => (one.type === 'step' && one.state === 'done' ? [one.step.name] : []))
  expect(names).toEqual(['recovery', ...report.steps.map(({ name }) => name)])
})

describe('--events', () => {
  test('has of all that is told what its schema says, and nothing else', async () => {
    const { heard } = await told(DOCUMENTED)
    const lines = heard.flatMap((one) => (one.type === 'detail' || one.type === 'stopping' ? [] : [documented(one)]))
    const stamped = lines.map((line, at) => ({ v: 1, seq: at + 1, at: '2026-11-03T12:00:00.000Z', ...line }))
    for (const line of stamped) expect(eventSchema.parse(line)).toEqual(line)
    expect(lines.filter(({ type }) => type === 'step')[1]).toEqual({
      ...{ type: 'step', index: 1, total: expect.any(Number), name: 'prerequisites' },
      ...{ state: 'done', seconds: expect.any(Number), text: expect.stringContaining('helm') },
    })
  })

  test('keeps to itself how wide the column of a name is', () => {
    const step = { index: 0, total: 0, name: 'web=oom', longest: 17 }
    const told = { type: 'step', index: 0, total: 0, name: 'web=oom' }
    expect(documented({ type: 'step', step, state: 'running' })).toEqual({ ...told, state: 'running' })
    const end = { state: 'done', seconds: 1 } as const
    expect(documented({ type: 'step', step, ...end, found: 'restored' })).toEqual({ ...told, ...end, text: 'restored' })
  })

  test('keeps to itself to which step a line belongs', () => {
    const step = { index: 1, total: 1, name: 'app' }
    expect(documented({ type: 'line', step, source: 'migrate', text: 'done' })).toEqual({
      ...{ type: 'line', source: 'migrate', text: 'done' },
    })
  })
})

describe('what nobody hears', () => {
  test('is known before it is made', () => {
    const events = new Events()
    expect(events.isHeard('workload')).toBe(false)
    const leave = events.on(['workload', 'line'], () => undefined)
    expect(events.isHeard('workload')).toBe(true)
    leave()
    expect(events.isHeard('workload')).toBe(false)
  })

  test('is not told: of workloads a deploy says nothing where no file is written', async () => {
    const shop = new Shop()
    const run = shop.run()
    const told: RunEvent['type'][] = []
    const tell = run.events.tell.bind(run.events)
    run.events.tell = (event) => (told.push(event.type), tell(event))
    await run.deploy()
    expect(told).toContain('step')
    expect(told).not.toContain('workload')
  })
})
