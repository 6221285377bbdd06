import { expect, test } from '@jest/globals'
import type { Applied } from '../../src/flows/phases/applied.ts'
import type { WriteSession } from '../../src/flows/apply/write-session.ts'
import { writeHomes } from '../../src/flows/apply/write-homes.ts'
import { restoreHomes } from '../../src/flows/restore/restore-homes.ts'
import type { HomePlan } from '../../src/domain/vault/plan.ts'
import type { VaultStore } from '../../src/vault-port.ts'
import { ForgeError } from '../../src/errors.ts'
import { forge } from '../../src/hint.ts'

const NEVER = new AbortController().signal
const session = { confirm: () => Promise.resolve() } as unknown as WriteSession

/** A path by check-and-set; `lose`: the answer to the first write does not come, `first`: somebody else was there before it. */
function scene({ lose = false, first = false } = {}) {
  const versions: Record<string, unknown>[] = [{ token: 'old' }]
  let isLost = lose
  const store: VaultStore = {
    address: 'https://vault.test',
    newest: () => Promise.resolve({ engine: 2, version: versions.length, state: 'there' }),
    content: () =>
      Promise.resolve({ engine: 2, version: versions.length, state: 'there', data: { ...versions.at(-1) } }),
    write: (_, data, cas) => {
      if (first && versions.length === 1) versions.push({ token: 'theirs' })
      const number = cas === versions.length ? versions.push({ ...data }) : undefined
      if (!isLost) return Promise.resolve(number)
      isLost = false
      return Promise.reject(new ForgeError('E_SOURCE_VAULT', 'no answer', { hint: forge('validate') }))
    },
  }
  const plan: HomePlan = {
    ...{ name: 'app', path: 'secret/shop/app', keys: ['token'], rules: {} },
    now: { engine: 2, version: 1, state: 'there' },
    write: { data: { token: 'new' }, keys: ['token'] },
    back: { kind: 'values', data: { token: 'old' }, keys: ['token'], version: 1 },
  }
  const homes = { plans: [plan], store }
  const project = { environment: { name: 'test' } }
  const context = { homes, project, wroteHomes: new Map() } as unknown as Applied
  const said: string[] = []
  const back = async (): Promise<void> => await restoreHomes(context, (lines) => void said.push(...lines), NEVER)
  return { versions, context, said, back }
}

const tokens = (versions: readonly Record<string, unknown>[]): unknown[] => versions.map(({ token }) => token)

test('what was written goes back as one more version', async () => {
  const { versions, context, back, said } = scene()
  await writeHomes(context, session)
  await back()
  expect(tokens(versions)).toEqual(['old', 'new', 'old'])
  expect(said).toEqual([])
})

test('what somebody wrote since is not written over, and said', async () => {
  const { versions, context, back, said } = scene()
  await writeHomes(context, session)
  versions.push({ token: 'theirs' })
  await back()
  expect(tokens(versions)).toEqual(['old', 'new', 'theirs'])
  expect(said).toEqual([expect.stringContaining('somebody else wrote there meanwhile')])
})

test('a write whose answer was lost goes back, too, if it was made', async () => {
  const { versions, context, back } = scene({ lose: true })
  await expect(writeHomes(context, session)).rejects.toThrow('no answer')
  await back()
  expect(tokens(versions)).toEqual(['old', 'new', 'old'])
})

test.each([true, false])(
  'one that was not made, since somebody was before it, takes nothing back (lost: %s)',
  async (lose) => {
    const { versions, context, back } = scene({ lose, first: true })
    await expect(writeHomes(context, session)).rejects.toThrow()
    await back()
    expect(tokens(versions)).toEqual(['old', 'theirs'])
  },
)
