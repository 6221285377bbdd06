import { beforeEach, describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { appliedKinds, isApplied } from '../../src/domain/migrate/source.ts'
import { ForgeError } from '../../src/errors.ts'
import { kubectl } from '../../src/hint.ts'
import { readLiveSource } from '../../src/flows/migrate/source.ts'
import { LEGACY_RESOURCES as RESOURCES } from '../support/legacy-resources.ts'
import { failure } from '../support/project-ports.ts'

const { signal } = new AbortController()
let masked: string[]
const redactor = { add: (value: string) => void masked.push(value) }

beforeEach(() => {
  masked = []
})

describe('what the cluster has', () => {
  const object = (one: string, name: string, more: object = {}): KubeObject => ({
    apiVersion: one === 'Deployment' ? 'apps/v1' : 'v1',
    kind: one,
    ...more,
    metadata: {
      name,
      namespace: 'home',
      uid: `${one}-${name}`,
      ...('metadata' in more ? (more.metadata as object) : {}),
    },
  })
  const controlled = {
    metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x', controller: true }] },
  }
  const stored = [
    object('ConfigMap', 'a'),
    object('ConfigMap', 'owned', controlled),
    object('Secret', 's', { data: { k: 'aHVudGVyMg==' } }),
    object('Secret', 'sh.helm.release.v1.x.v1', { type: 'helm.sh/release.v1' }),
    object('Deployment', 'web'),
  ]
  const asked: string[] = []
  const cluster = (forbidden?: string) => ({
    resources: () => Promise.resolve(RESOURCES),
    list: ({ kind: one }: { kind: string }, { labelSelector }: { labelSelector?: string }) => {
      asked.push(`${one} ${labelSelector ?? ''}`)
      if (one === forbidden) return Promise.reject(new ForgeError('E_FORBIDDEN', 'no', { hint: kubectl([]) }))
      return Promise.resolve(stored.filter((found) => found.kind === one))
    },
  })

  test('is asked kind by kind for what people apply, each once', async () => {
    asked.length = 0
    const found = await readLiveSource('app=x', 'home', { cluster: cluster(), redactor, signal }, [])
    expect(found.map(({ object: { metadata } }) => metadata.name)).toEqual(['a', 's', 'web'])
    const kinds = ['ConfigMap', 'Secret', 'Deployment', 'HorizontalPodAutoscaler']
    expect(asked).toEqual(kinds.map((one) => `${one} app=x`))
    expect(masked).toContain('hunter2')
  })

  test('and may not be listed, is said', async () => {
    const notChecked: string[] = []
    const ports = { cluster: cluster('Secret'), redactor, signal }
    expect(await readLiveSource('app=x', 'home', ports, notChecked)).toHaveLength(2)
    expect(notChecked).toEqual(['whether secrets belong to the old stack: not checked, they may not be listed'])
  })

  test.each(['E_API_NOT_FOUND', 'E_KIND_UNKNOWN'] as const)(
    'of a kind whose definition was deleted meanwhile (%s) has none',
    async (code) => {
      const known = cluster()
      const list: typeof known.list = (kind, options) =>
        kind.kind === 'HorizontalPodAutoscaler'
          ? Promise.reject(new ForgeError(code, 'the server knows no such resource', { hint: kubectl([]) }))
          : known.list(kind, options)
      const [ports, notChecked] = [{ cluster: { ...known, list }, redactor, signal }, [] as string[]]
      expect(await readLiveSource('app=x', 'home', ports, notChecked)).toHaveLength(3)
      expect(notChecked).toEqual([])
    },
  )

  test.each([
    ['', '--from-live names no label'],
    ['app=none', 'nothing in home has labels app=none'],
  ])('with the selector %p is refused where nothing is found', async (selector, message) => {
    const nothing = { ...cluster(), list: () => Promise.resolve([]) }
    const error = await failure(readLiveSource(selector, 'home', { cluster: nothing, redactor, signal }, []))
    expect(error).toMatchObject({ code: 'E_LEGACY_SELECTOR', message })
  })

  test('kinds come in the version that the cluster prefers', () => {
    expect(appliedKinds(RESOURCES).map(({ apiVersion }) => apiVersion)).toContain('autoscaling/v2')
    expect(appliedKinds(RESOURCES).map(({ apiVersion }) => apiVersion)).not.toContain('autoscaling/v1')
  })

  test("forge's own records are not applied by people", () => {
    expect(isApplied(object('Secret', 'x', { type: 'forge.api-forge.io/journal' }))).toBe(false)
    expect(isApplied(object('Secret', 'x', { type: 'Opaque' }))).toBe(true)
  })
})
