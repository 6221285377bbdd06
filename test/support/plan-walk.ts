import { expect, test } from '@jest/globals'
import { freshNamespace, type LiveObject } from './cluster.ts'
import * as sample from './manifests.ts'
import { changedFields, moved, named, settled, smallProject, stored, type Manifest } from './small.ts'

const STEPS = 5

/** Numbers that look random and are the same in every run (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Some of many objects, each in one of several forms: whatever came before, this is what shall be next. */
function anyObjects(next: (below: number) => number): Manifest[] {
  const one = String(next(3))
  const all: Manifest[] = [
    sample.configMap('settings', { level: one, ...(next(2) === 0 ? {} : { more: one }) }),
    sample.configMap('fixed', { level: one }, { immutable: true }),
    sample.secret('login', { password: `secret-${one}` }, next(2) === 0 ? 'Opaque' : 'example.test/login'),
    sample.service('web', next(2) === 0 ? {} : { clusterIP: 'None' }),
    sample.web({
      image: `example.test/web:${next(2)}`,
      replicas: 1 + next(2),
      env: next(2) === 0 ? {} : { LEVEL: one },
      ...(next(3) === 0 ? { selector: { app: 'web', track: 'b' } } : {}),
    }),
    sample.job('once', `example.test/job:${next(2)}`),
  ]
  return all.filter(() => next(4) > 0)
}

/** Without objects of which only the note has changed who owns a field (helm gives up one that the API server keeps). */
function changed(
  before: ReadonlyMap<string, LiveObject>,
  after: ReadonlyMap<string, LiveObject>,
): Record<string, string> {
  const all = Object.entries(moved(before, after))
  return Object.fromEntries(
    all.filter(([name, action]) => {
      const [was, is] = [before.get(name), after.get(name)]
      return action !== 'change' || was === undefined || is === undefined || changedFields(was, is).length > 0
    }),
  )
}

/** A walk through states that nobody thought of: each plan names what changes, and after each deploy nothing is left to do. */
export function provePlansOnTheWay(helm: 3 | 4, seed: number): void {
  test(`whatever a chart renders next, the plan names it (walk ${seed})`, async () => {
    const next = numbers(seed)
    const small = await smallProject(freshNamespace(`walk${helm}`), helm, anyObjects(next))
    expect((await small.deploy()).report.verdict).toBeNull()
    for (let step = 0; step < STEPS; step++) {
      await small.render(anyObjects(next))
      const before = await settled(small.namespace)
      const plan = await small.plan()
      const { status, report } = await small.deploy()
      expect({ step, status, verdict: report.verdict }).toEqual({ step, status: 0, verdict: null })
      expect({ step, moved: changed(before, await stored(small.namespace)) }).toEqual({ step, moved: named(plan) })
      expect({ step, unchanged: (await small.plan()).unchanged }).toEqual({ step, unchanged: true })
    }
  })
}
