import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { KeyContent } from '../../src/domain/secrets/model.ts'
import { consumersOf, isBehind, withMarks } from '../../src/domain/secrets/consumers.ts'
import { dataOf, keyRevisionsOf, planSecret, standingPlan, toBase64 } from '../../src/domain/secrets/plan.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { SourceReader } from '../../src/flows/project/source-reader.ts'
import { memoryFiles, projectPorts } from '../support/project-ports.ts'
import { head } from '../support/secrets.ts'

const at = { file: 'forge.yaml', line: 1, column: 1 }
const spec = { name: 's', type: 'Opaque' as const, keys: [], keep: true, at }
const KEYS = ['a', 'b', 'c'] as const

/** A value for some of the keys; a key without one is kept. */
const contents = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('x', 'y', 'z'), { minKeys: 1 })

const desired = (data: Readonly<Record<string, string>>): { spec: typeof spec; keys: Map<string, KeyContent> } => ({
  spec,
  keys: new Map(Object.entries(data).map(([key, value]) => [key, { bytes: new TextEncoder().encode(value) }])),
})

describe('revisions', () => {
  test('a number is never used for two contents, and a key changes its number with its value only', () => {
    fc.assert(
      fc.property(fc.array(contents, { minLength: 1, maxLength: 12 }), (steps) => {
        let live: KubeObject | undefined
        let highest = 0
        const seen = new Map<number, string>()
        for (const step of steps) {
          const [before, numbers] = [
            live === undefined ? {} : dataOf(live),
            live === undefined ? {} : keyRevisionsOf(live),
          ]
          const plan = planSecret(desired(step), live, { project: 'p', namespace: 'n', lastRevision: highest })
          live = plan.object ?? live
          if (live === undefined) throw new Error('a first content is always written')
          highest = Math.max(highest, plan.revision)
          const content = JSON.stringify(Object.entries(dataOf(live)).toSorted())
          expect(seen.get(plan.revision) ?? content).toBe(content)
          seen.set(plan.revision, content)
          for (const [key, value] of Object.entries(step)) {
            const now = keyRevisionsOf(live)[key]
            const same = before[key] === toBase64(new TextEncoder().encode(value))
            expect(now).toBe(same ? numbers[key] : plan.revision)
          }
        }
      }),
    )
  })
})

const workload = (name: string, keys: readonly string[], revision: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'n' },
  spec: {
    template: {
      metadata: { annotations: keys.length === 0 ? {} : { 'forge.api-forge.io/secret-s': String(revision) } },
      spec: {
        containers: [
          { name, env: keys.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: 's', key } } })) },
        ],
      },
    },
  },
})

describe('consumers', () => {
  const workloads = fc.array(fc.subarray([...KEYS]), { minLength: 1, maxLength: 6 })
  const start = { a: 'x', b: 'x', c: 'x' }

  test('exactly those restart whose keys change, once, whatever the change', () => {
    fc.assert(
      fc.property(workloads, contents, (uses, change) => {
        const context = { project: 'p', namespace: 'n', lastRevision: 0 }
        const first = planSecret(desired(start), undefined, context)
        if (first.object === undefined) throw new Error('the first content is written')
        const objects = uses.map((keys, index) => workload(`w${index}`, keys, 1))
        const second = planSecret(desired(change), first.object, { ...context, lastRevision: 1 })
        const changed = KEYS.filter((key) => (change[key] ?? 'x') !== 'x')
        const expected = objects.filter((_, index) => uses[index]?.some((key) => changed.includes(key)) === true)

        expect(
          consumersOf(objects, [second])
            .filter(isBehind)
            .map(({ workload: one }) => one),
        ).toEqual(expected.map(({ metadata }) => metadata.name))
        const restarted = objects.map((object) => withMarks(object, [second]))
        expect(objects.filter((object, index) => restarted[index] !== object)).toEqual(expected)
        // Again: nothing is left to do.
        expect(restarted.map((object) => withMarks(object, [second]))).toEqual(restarted)
        const standing = second.object ?? first.object
        expect(
          restarted.every((object, index) => withMarks(object, [standingPlan(standing)]) === restarted[index]),
        ).toBe(true)
      }),
    )
  })

  test('a chart that marks its pods, but not for this secret, knows that they need no restart', () => {
    const object = workload('initdb', ['a'], 1)
    const marked = JSON.parse(JSON.stringify(object).replace('secret-s', 'secret-tls')) as KubeObject
    expect(consumersOf([marked], [{ name: 's', keyRevisions: { a: 2 } }])).toEqual([])
  })

  test('without any mark nobody knows what it runs', () => {
    const object = JSON.parse(
      JSON.stringify(workload('web', ['a'], 1)).replace('forge.api-forge.io/secret-s', 'x'),
    ) as KubeObject
    const [found] = consumersOf([object], [{ name: 's', keyRevisions: { a: 2, b: 5 } }])
    expect(found).toMatchObject({ object: 'Deployment/web', runs: undefined, wants: 2 })
    expect(withMarks(object, [{ name: 's', keyRevisions: { a: 2 } }])).toBe(object)
  })
})

test('a file gives exactly its bytes; trim: newline takes final newlines and nothing else', async () => {
  const ports = (bytes: Uint8Array) =>
    projectPorts(memoryFiles({ 'forge.yaml': head.replace('secrets:\n', ''), f: bytes }))
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      const own = ports(bytes)
      const reader = new SourceReader(await loadProject(own, { dir: '/p' }), own)
      const exact = await reader.read({ kind: 'file', file: 'f', at })
      expect(exact.kind === 'found' && Buffer.from(exact.bytes)).toEqual(Buffer.from(bytes))
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r\n', 'é') }), async (text) => {
      const own = ports(new TextEncoder().encode(text))
      const reader = new SourceReader(await loadProject(own, { dir: '/p' }), own)
      const trimmed = await reader.read({ kind: 'file', file: 'f', trim: 'newline', at })
      const expected = text.split(/\r?\n/u)
      while (expected.at(-1) === '' && expected.length > 1) expected.pop()
      // A lone carriage return belongs to the text.
      const lines = expected.join('\n')
      expect(trimmed.kind === 'found' && trimmed.text?.replaceAll('\r\n', '\n')).toBe(lines)
    }),
  )
})
