import { describe, expect, test } from '@jest/globals'
import { checkIn } from '../../../src/flows/migrate/check.ts'
import type { PodCommands } from '../../../src/legacy-port.ts'
import { fieldsOf, legacyShop, marksIn, migrates, migrating } from '../../support/fake-cluster/legacy-shop.ts'
import { failure } from '../../support/project-ports.ts'

const CHECKS = [checkIn('Deployment/top: cat /count'), checkIn('Deployment/base: echo base')]

/** Pods that answer with these texts, one after the other; undefined: the command fails. */
function answering(...texts: readonly (string | undefined)[]): {
  readonly pods: PodCommands
  readonly asked: string[]
} {
  const asked: string[] = []
  const left = [...texts]
  const run: PodCommands['run'] = ({ target, command }) => {
    asked.push(`${target}: ${command}`)
    const text = left.shift()
    const ended =
      text === undefined
        ? { status: 1, stdout: '', stderr: 'no such file\nmore' }
        : { status: 0, stdout: text, stderr: '' }
    return Promise.resolve(ended)
  }
  return { pods: { run }, asked }
}

const before = legacyShop()
const done = before.copy()
await migrates(done.run())

describe('what is asked in pods before and after a migration', () => {
  test('the same answers: it stands', async () => {
    const shop = before.copy()
    const { pods, asked } = answering('3\n', 'base', '3', 'base\n')
    const end = await migrating({}, undefined, { checks: CHECKS, pods })(shop.run())
    expect(end.error).toBeUndefined()
    const each = CHECKS.map(({ target, command }) => `${target}: ${command}`)
    expect(asked).toEqual([...each, ...each])
    expect(shop.state()).toEqual(done.state())
  })

  test('one that cannot be asked: nothing was written', async () => {
    const shop = before.copy()
    const { pods } = answering('3', undefined)
    const end = await migrating({}, undefined, { checks: CHECKS, pods })(shop.run())
    expect(end.error).toMatchObject({ code: 'E_MIGRATE_CHECK', exitStatus: 3 })
    expect(end.error?.message).toBe('Deployment/base does not answer the check: no such file')
    expect(shop.state()).toEqual(before.state())
    expect(marksIn(shop)).toEqual([])
  })

  test.each([
    ['another answer', ['3', 'base', '2'], 'Deployment/top answers "2", and before it was "3"'],
    [
      'none any more',
      ['3', 'base', '3', undefined],
      'Deployment/base does not answer the check any more: no such file',
    ],
  ])('%s: the old stack comes back', async (_what, texts, message) => {
    const shop = before.copy()
    const { pods } = answering(...texts)
    const end = await migrating({}, undefined, { checks: CHECKS, pods })(shop.run())
    expect(end.error).toMatchObject({ code: 'E_MIGRATE_CHECK', exitStatus: 4, message })
    expect(fieldsOf(shop)).toEqual(fieldsOf(before))
    expect(marksIn(shop)).toEqual([])
  })
})

test('a check names a workload and a command', async () => {
  expect(checkIn(' StatefulSet/db:  psql -c "select 1: 2" ')).toEqual({
    target: 'StatefulSet/db',
    command: 'psql -c "select 1: 2" ',
  })
  for (const text of ['', 'db: ls', 'Deployment/db', 'Deployment/db:', 'Deployment/db:   ', 'Deployment/a/b: ls'])
    expect([text, (await failure(Promise.resolve(text).then(checkIn))).code]).toEqual([text, 'E_USAGE'])
})
