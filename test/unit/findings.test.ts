import { describe, expect, test } from '@jest/globals'
import { ForgeError } from '../../src/errors.ts'
import {
  check,
  found,
  needed,
  passedOver,
  refuse,
  settle,
  unchecked,
  warn,
  type Finding,
} from '../../src/flows/phases/findings.ts'
import { adopting, collecting, looking, writing } from '../../src/flows/phases/policy.ts'
import { again, forge } from '../../src/hint.ts'

const WRITING = writing(again(), again(), adopting('deploy', 'e'))
const LOOKING = looking(WRITING)
const denied = new ForgeError('E_FORBIDDEN', 'you may not list pods', { hint: again() })
const capacity = refuse('E_CAPACITY', 'no node has room', { hint: again() })
const drift = { ...refuse('E_DRIFT', 'somebody was here', { hint: again() }), inPlan: ['a deploy is refused'] }

function told(policy: typeof WRITING, findings: readonly Finding[]) {
  const context = { policy, warnings: [] as string[], notChecked: [] as string[] }
  try {
    settle(context, findings)
    return { warnings: context.warnings, notChecked: context.notChecked }
  } catch (error) {
    return (error as ForgeError).code
  }
}

describe('what becomes of a finding', () => {
  test.each<[string, readonly Finding[], unknown, unknown]>([
    ['nothing', [], { warnings: [], notChecked: [] }, 'the same'],
    ['a warning', [warn('small')], { warnings: ['small'], notChecked: [] }, 'the same'],
    ['what forbids both', [capacity], 'E_CAPACITY', 'the same'],
    ['what forbids to write', [drift], 'E_DRIFT', { warnings: ['a deploy is refused'], notChecked: [] }],
    ['what a plan shows anyway', [{ ...drift, inPlan: [] }], 'E_DRIFT', { warnings: [], notChecked: [] }],
    ['the first of two', [drift, capacity], 'E_DRIFT', 'E_CAPACITY'],
    [
      'what may stay unknown',
      [unchecked('room', 'no right')],
      { warnings: [], notChecked: ['room: not checked, no right'] },
      'the same',
    ],
    [
      'what must be known',
      [unchecked('secrets', denied)],
      'E_FORBIDDEN',
      { warnings: [], notChecked: ['secrets: not checked, you may not list pods'] },
    ],
  ])('%s', (_, findings, written, looked) => {
    expect(told(WRITING, findings)).toEqual(written)
    expect(told(LOOKING, findings)).toEqual(looked === 'the same' ? written : looked)
  })

  test('a check after one that refuses asks for nothing any more', async () => {
    const asked: string[] = []
    const context = { policy: WRITING, warnings: [], notChecked: [] }
    const checks = [
      () => [warn('first')],
      async () => await Promise.resolve([capacity]),
      () => {
        asked.push('the cluster')
        return []
      },
    ]
    await expect(check(context, checks, {} as Parameters<typeof check>[2])).rejects.toBe(capacity.error)
    expect([context.warnings, asked]).toEqual([['first'], []])
  })

  test('what a write must know is refused where it is read, and noted where nothing is written', () => {
    const notChecked: string[] = []
    expect(() => needed({ policy: WRITING, warnings: [], notChecked }, 'records')(denied)).toThrow(denied)
    needed({ policy: LOOKING, warnings: [], notChecked }, 'records')(denied)
    expect(notChecked).toEqual(['records: not checked, you may not list pods'])
  })

  test('commands differ in their words, too', () => {
    expect([WRITING.rights(19, 19), LOOKING.rights(18, 19)]).toEqual(['19 permissions', '18 of 19 permissions'])
    expect(adopting('plan', 'e')({} as Parameters<typeof WRITING.takeOver>[0])).toEqual(
      forge('plan', '--env', 'e', '--adopt'),
    )
  })

  test('who collects is told all of it, by which check, and nothing ends the run', async () => {
    const told: [string, unknown][] = []
    const policy = collecting(WRITING, (findings, by) => told.push([findings.map(({ kind }) => kind).join(), by]))
    const context = { policy, warnings: [], notChecked: [] }
    const checks = [
      () => [capacity, warn('small'), drift],
      () => [],
      async () => await Promise.reject(capacity.error),
      async () => await Promise.reject(denied),
    ]
    await check(context, checks, {} as Parameters<typeof check>[2])
    expect(told).toEqual([
      ['refuse,warn,refuse', checks[0]],
      ['', checks[1]],
      ['refuse', checks[2]],
      ['passed-over', checks[3]],
    ])
    expect([context.warnings, context.notChecked]).toEqual([[], []])
    const bug = [async () => await Promise.reject(new TypeError('a bug'))]
    await expect(check(context, bug, {} as Parameters<typeof check>[2])).rejects.toThrow('a bug')
  })

  test('what is well, and what forge passes over, is told to nobody else', () => {
    const findings = [found('all well'), passedOver('room', 'no right')]
    expect([told(WRITING, findings), told(LOOKING, findings)]).toEqual(
      Array.from({ length: 2 }, () => ({ warnings: [], notChecked: [] })),
    )
  })
})
