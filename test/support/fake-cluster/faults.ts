import { ForgeError } from '../../../src/errors.ts'
import { kubectl } from '../../../src/hint.ts'
import type { Fault } from './effects.ts'
import type { Run } from './run.ts'

/** What may happen to a run at the moment of an effect. */
export const FAULTS = {
  /** The API server, or helm, answers with an error; nothing was done. */
  refused: () => refuse,
  /** It was done, and the answer to it is an error. */
  'answer lost': () => refuse,
  /** forge itself is broken there. */
  bug: () => (name) => {
    throw new TypeError(`nothing is not a function (${name})`)
  },
  interrupted: (run) => () => run.interrupt(),
  'left alone': (run) => () => {
    run.interrupt()
    run.interrupt()
  },
  'lock lost': (run) => async () => await run.loseLock(),
  killed: (run) => () => run.effects.kill(),
} satisfies Record<string, (run: Run) => Fault>

export type FaultKind = keyof typeof FAULTS

/** At the n-th effect, counted from 1, and at no other. */
export function strikeAt(run: Run, kind: FaultKind, n: number): void {
  const strike: Fault = FAULTS[kind](run)
  run.effects.onEach(
    async (name, at) => {
      if (at === n) await strike(name, at)
    },
    kind === 'answer lost' ? 'after' : 'before',
  )
}

/** Whenever an effect has this name. */
export function strikeWhere(run: Run, kind: FaultKind, what: RegExp): void {
  const strike: Fault = FAULTS[kind](run)
  run.effects.onEach(async (name, at) => {
    if (what.test(name)) await strike(name, at)
  })
}

function refuse(name: string): never {
  if (name.startsWith('helm'))
    throw new ForgeError('E_HELM', `UPGRADE FAILED: ${name}`, { hint: kubectl(['get', 'all']) })
  throw new ForgeError('E_API_REFUSED', `${name} is refused`, { hint: kubectl(['get', 'all']) })
}
