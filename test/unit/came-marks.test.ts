import { expect, test } from '@jest/globals'
import { asBegun, isAsMade, isWaitedFor } from '../../src/domain/manifest/came-marks.ts'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { markPath } from '../../src/domain/manifest/restart-marks.ts'

const MARK = 'forge.api-forge.io/secret-tls'

const web = (annotation: string, volumes: readonly unknown[] = []): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'n' },
  spec: {
    template: {
      metadata: { annotations: { [MARK]: annotation } },
      spec: { containers: [{ name: 'web', volumeMounts: [{ name: 'tls' }] }], volumes },
    },
  },
})

const known = { workload: keyOf(web('')), mark: MARK, written: 'h-none', came: 'h-1' }

test.each([
  ['is what came', 'h-1', 'h-none', 'h-none', true],
  ['has changed since', 'h-2', 'h-none', 'h-2', false],
  ['came for another deploy', 'h-1', 'h-0', 'h-1', false],
])('a Secret that %s', (_, value, before, mark, isKept) => {
  const found = asBegun([{ path: markPath(MARK), value }], web(before), [known])
  expect([found.marks[0]?.value, found.came]).toEqual([mark, isKept ? [known] : []])
})

test('what another workload began with says nothing', () => {
  const marks = [{ path: markPath(MARK), value: 'h-1' }]
  expect(asBegun(marks, web('h-none'), [{ ...known, workload: 'apps/Deployment/n/other' }])).toEqual({
    marks,
    came: [],
  })
  expect(asBegun(marks, undefined, [known])).toEqual({ marks, came: [] })
})

test.each([
  ['needs', [{ name: 'tls', secret: { secretName: 'tls' } }], true],
  ['starts without', [{ name: 'tls', secret: { secretName: 'tls', optional: true } }], false],
  ['does not name', [], false],
])('a Secret that a pod %s', (_, volumes, isWaited) => {
  expect(isWaitedFor(web('', volumes), { kind: 'Secret', name: 'tls' })).toBe(isWaited)
})

test.each([
  ['made', ['2026-01-01T00:00:00Z'], true],
  ['made by two in one second', ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'], true],
  ['written again', ['2026-01-01T00:00:00Z', '2026-01-01T00:00:09Z'], false],
  ['made, nobody knows when,', [], false],
])('an object that was %s', (_, times, isMade) => {
  const metadata = {
    name: 'a',
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: times.map((time) => ({ time })),
  }
  expect(isAsMade({ apiVersion: 'v1', kind: 'Secret', metadata })).toBe(isMade)
})
