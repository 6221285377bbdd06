import { describe, expect, test } from '@jest/globals'
import type { FaultKind } from '../../support/fake-cluster/faults.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'
import { deploys, lostRevisions, momentOf, momentsOf, struck, type Moment } from '../../support/fake-cluster/walk.ts'

const before = new Shop()
await before.run().deploy()
const changed = before.copy().change()
const after = changed.copy()
await after.run().deploy()
const moments = await momentsOf(changed, deploys)

/** `early`: nothing has begun. `noted`: said afterwards, in the background; `proven`: all is ready by then. */
type Phase = 'early' | 'writing' | 'noted' | 'proven' | 'end'

function phaseOf({ at, effect }: Moment): Phase {
  const isLast = at > moments.findIndex((one) => one.effect === 'helm upgrade top: revision 2 deployed') + 1
  if (at <= 3) return 'early'
  if (/: running \(.* done\)$/u.test(effect)) return isLast ? 'proven' : 'noted'
  return isLast ? 'end' : 'writing'
}

/** Outcome and exit status. */
const ENDS: Record<Exclude<FaultKind, 'killed'>, Record<Phase, string>> = {
  refused: {
    early: 'refused 3',
    writing: 'restored 4',
    noted: 'deployed 0',
    proven: 'deployed 0',
    end: 'deployed 0',
  },
  'answer lost': {
    early: 'refused 3',
    writing: 'restored 4',
    noted: 'deployed 0',
    proven: 'deployed 0',
    end: 'deployed 0',
  },
  bug: { early: 'failed 1', writing: 'restored 1', noted: 'deployed 0', proven: 'deployed 0', end: 'deployed 0' },
  interrupted: {
    early: 'interrupted 130',
    writing: 'interrupted 130',
    noted: 'interrupted 130',
    proven: 'interrupted 130',
    end: 'deployed 0',
  },
  'left alone': {
    early: 'interrupted 130',
    writing: 'interrupted 130',
    noted: 'interrupted 130',
    proven: 'interrupted 130',
    end: 'deployed 0',
  },
  'lock lost': {
    early: 'refused 6',
    writing: 'failed 5',
    noted: 'failed 5',
    proven: 'deployed 0',
    end: 'deployed 0',
  },
}

describe.each(Object.keys(ENDS) as (keyof typeof ENDS)[])('%s', (kind) => {
  test.each(moments)('at $at, $effect', async (moment) => {
    const expectedEnd = ENDS[kind][phaseOf(moment)]
    const { shop, run, error, end } = await struck(changed, deploys, kind, moment)
    expect(end).toBe(expectedEnd)
    expect(lostRevisions(shop, before)).toEqual([])
    expect(shop.holder()).toBe(holderAfter(kind, moment))
    const [entry] = shop.journal()
    if (end === 'deployed 0') {
      expect(shop.state()).toEqual(after.state())
      return
    }
    if (kind === 'left alone' || kind === 'lock lost') {
      // Whatever it had written stays, and nothing of it is hidden from who comes next.
      if (phaseOf(moment) === 'early') expect(shop.state()).toEqual(before.state())
      expect(entry?.state).toBe(openState(kind, moment))
      return
    }
    expect(shop.state()).toEqual(before.state())
    if (phaseOf(moment) === 'early' && kind !== 'interrupted') return
    if (entry?.number === 2)
      expect([entry.state, error?.details.now]).toEqual(['restored', 'test runs #1 again, proven'])
    expect(run.effects.list.at(-1)).toBe('lock: released')
  })
})

/** Whose lock it is when all is over. */
function holderAfter(kind: FaultKind, { effect }: Moment): string | undefined {
  if (kind === 'lock lost') return 'other@there'
  // It does not know that it has got the lock; who comes next finds nobody alive behind it.
  return kind === 'answer lost' && effect === 'lock: taken' ? 'me@here' : undefined
}

function openState(kind: FaultKind, { effect }: Moment): string {
  if (effect === 'lock: taken') return 'deployed'
  return kind === 'left alone' ? 'interrupted' : 'running'
}

describe('what the person is told', () => {
  const at = (effect: string): Moment => momentOf(moments, effect)

  test('a bug has its stack kept, and is a bug in the journal too', async () => {
    const { run, error, shop } = await struck(changed, deploys, 'bug', at('helm upgrade top: Deployment/top'))
    expect(error?.code).toBe('E_BUG')
    expect(run.evidence.get('evidence/stack.txt')).toContain('TypeError')
    expect(shop.journal()[0]?.verdict?.code).toBe('E_BUG')
  })

  test('a bug in what writes the journal is no cluster that cannot be reached', async () => {
    const { error } = await struck(changed, deploys, 'bug', at('journal #2: running (upgrade top running)'))
    expect([error?.code, error?.exitStatus]).toEqual(['E_BUG', 1])
  })

  test('after the loss of the lock nothing more is written', async () => {
    const { run, error } = await struck(changed, deploys, 'lock lost', at('helm upgrade base: Deployment/base'))
    expect(error?.details.now).toBe('the lock was lost, so nothing more was touched')
    expect(run.effects.list.slice(at('helm upgrade base: Deployment/base').at)).toEqual(['evidence'])
  })

  test('an end that cannot be written down is said, and does not undo what was deployed', async () => {
    const { run } = await struck(changed, deploys, 'refused', at('journal #2: deployed (upgrade top done)'))
    expect(run.said.join('\n')).toContain('the journal of #2 could not be finished')
  })
})
