import { expect, test } from '@jest/globals'
import { onlyReading } from '../../src/flows/rehearse/read-only.ts'
import type { Connection } from '../../src/flows/phases/ports.ts'
import type { Charts } from '../../src/ports.ts'

const sent: string[] = []
const all = (names: readonly string[]): object =>
  Object.fromEntries(
    names.map((name) => [
      name,
      () => {
        sent.push(name)
        return Promise.resolve(name)
      },
    ]),
  )
const WRITES = ['apply', 'create', 'replace', 'mark', 'delete', 'adjust', 'scale']
const HELM_WRITES = ['upgrade', 'rollback', 'uninstall']

const { cluster, charts } = onlyReading({
  cluster: all([...WRITES, 'get', 'list', 'predict', 'rules']) as Connection,
  charts: all([...HELM_WRITES, 'render', 'defaults']) as Charts,
})
const call = async (on: object, name: string): Promise<unknown> =>
  await (on as Record<string, () => Promise<unknown>>)[name]?.()

test.each([...WRITES.map((name) => [name, cluster] as const), ...HELM_WRITES.map((name) => [name, charts] as const)])(
  'a rehearsal that would %s in its environment is a bug, and nothing is sent',
  async (name, on) => {
    await expect(call(on, name)).rejects.toThrow(`would have written into its environment`)
    expect(sent).not.toContain(name)
  },
)

test.each([
  ['get', cluster],
  ['list', cluster],
  ['predict', cluster],
  ['rules', cluster],
  ['render', charts],
  ['defaults', charts],
] as const)('%s goes through', async (name, on) => {
  expect(await call(on, name)).toBe(name)
})
