import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import { parseSavedPlan, savedText, type PlanBasis } from '../../src/domain/plan/saved.ts'

type Document = PlanDocument & { readonly basis: Record<string, unknown> }

/** As the forge of `test/fixtures/make-journal.ts` saved it. */
async function fixture(name: string): Promise<{ readonly text: string; readonly document: Document }> {
  const text = await readFile(new URL(`../fixtures/journal-v1/${name}.json`, import.meta.url), 'utf8')
  return { text, document: JSON.parse(text) as Document }
}

test.each([
  ['plan', { set: ['top:replicas=2'], drift: { policy: 'report', preserve: [] } }],
  ['plan-release', { set: [], release: ['top'], only: true }],
])('%s of the first format is carried out still', async (name, basis) => {
  const { text, document } = await fixture(name)
  const parsed = parseSavedPlan(text)
  expect(parsed).toMatchObject({ plan: { project: 'two', environment: 'sandbox', basis } })
  expect(JSON.parse(JSON.stringify('plan' in parsed && parsed.plan.basis))).toEqual(document.basis)
})

/** Every value of a document with its path; of a list the first item stands for all. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const below = Array.isArray(value) ? Object.entries(value).slice(0, 1) : Object.entries(value as object)
  return below.flatMap(([name, inner]): (readonly string[])[] => [
    [...path, name],
    ...(typeof inner === 'object' && inner !== null ? leaves(inner, [...path, name]) : []),
  ])
}

function withValue(document: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value
  const copy = (Array.isArray(document) ? [...(document as unknown[])] : { ...(document as object) }) as Record<
    string,
    unknown
  >
  copy[name] = withValue(copy[name], rest, value)
  return copy
}

describe('a saved plan', () => {
  test('of which any part is of another kind is none, and what it is called is said', async () => {
    for (const name of ['plan', 'plan-release']) {
      const { document } = await fixture(name)
      const paths = [...leaves(document.basis, ['basis']), ['project'], ['environment'], ['namespace'], ['createdAt']]
      expect(paths.length).toBeGreaterThan(25)
      for (const path of paths)
        // A number is of no kind but a secret's revision.
        expect([
          path,
          parseSavedPlan(JSON.stringify(withValue(document, path, path.at(-1) === 'revision' ? 'x' : 7))),
        ]).toEqual([
          path,
          {
            fault: 'syntax',
            message: `is not a plan that forge saved: ${path[path[0] === 'basis' ? 1 : 0] ?? ''} is not as it was`,
          },
        ])
    }
  })

  test.each<[string, object, string]>([
    ['of a later format', { version: 2 }, 'cannot be read by this forge: it has format 2 (needs a newer forge)'],
    [
      'that says what it needs',
      { version: 3, needs: '0.9.0', basis: 5 },
      'cannot be read by this forge: it has format 3 (needs forge 0.9.0 or newer)',
    ],
  ])('%s is not taken', async (_, more, message) => {
    const { document } = await fixture('plan')
    expect(parseSavedPlan(JSON.stringify({ ...document, ...more }))).toEqual({ fault: 'version', message })
  })

  test.each<[readonly string[], string]>([
    [['basis', 'prune'], 'prune'],
    [['basis', 'drift', 'ignore'], 'drift.ignore'],
    [['basis', 'releases', '0', 'canary'], 'releases.0.canary'],
  ])('that asks for what this forge does not know is not carried out without it: %j', async (path, told) => {
    const { document } = await fixture('plan')
    expect(parseSavedPlan(JSON.stringify(withValue(document, path, true)))).toEqual({
      fault: 'version',
      message: `cannot be read by this forge: it holds ${told}, which only a newer one knows`,
    })
  })

  test('shows more than it needs, and that may change', async () => {
    const { document } = await fixture('plan')
    expect(parseSavedPlan(JSON.stringify({ ...document, mood: 'good', objects: 'all' }))).toHaveProperty('plan')
  })

  test('is read as it was saved', async () => {
    const { document } = await fixture('plan')
    const basis: PlanBasis = {
      values: ['more.yaml'],
      set: ['a=1'],
      'set-json': ['b={}'],
      'set-string': ['c=1'],
      'set-file': ['d=e'],
      release: ['a'],
      only: true,
      adopt: true,
      unkeyed: true,
      images: { app: 'a:1' },
      drift: { policy: 'overwrite', preserve: ['Deployment/web:spec.replicas'] },
      releases: [{ name: 'a', latest: undefined, way: 'patch', objects: [{ object: 'a', digest: 'b' }], frozen: 'x' }],
      secrets: [{ name: 's', action: 'create', keys: ['k'], revision: 1 }],
      preconditions: [{ ref: { apiVersion: 'v1', kind: 'Secret', name: 's' }, uid: undefined, state: '' }],
    }
    const parsed = parseSavedPlan(savedText(document, basis))
    expect('plan' in parsed && parsed.plan.basis).toEqual(basis)
  })
})
