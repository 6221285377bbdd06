import { expect, test } from '@jest/globals'
import { kubectl, object } from '../support/cluster.ts'
import { moved, settled, stored, type Small } from '../support/small.ts'
import { BASE, deployed, settings } from '../support/small-deployed.ts'
import { forgeOnTerminal, type OnTerminal } from '../support/terminal.ts'

const QUESTION = 'Deploy this to test? (y/N)'

/** A deploy of a change to a protected environment, as far as its question. */
async function asked(small: Small): Promise<OnTerminal> {
  await small.project.configure(['environments', 'test', 'protected'], true)
  await small.render([settings('2'), ...BASE.slice(1)])
  const terminal = await forgeOnTerminal(['deploy', '--env', 'test', '-C', small.project.dir])
  await terminal.shows(QUESTION)
  return terminal
}

async function holder(small: Small): Promise<unknown> {
  return (await object('lease', 'forge-small', small.namespace))?.spec?.['holderIdentity'] ?? ''
}

test.each([
  ['Enter', '\n', 3, 'E_NOT_CONFIRMED'],
  ['no', 'no\n', 3, 'E_NOT_CONFIRMED'],
  ['the end of the input', '\u0004', 3, 'E_NOT_CONFIRMED'],
  ['Ctrl-C', '\u0003', 130, 'STOPPED'],
])('the question is answered with No by %s: nothing is written', async (_, keys, status, told) => {
  const small = await deployed('asked')
  const before = await settled(small.namespace)
  const terminal = await asked(small)
  terminal.types(keys)
  const end = await terminal.ended()
  expect({ status: end.status, told: end.screen.includes(told) }).toEqual({ status, told: true })
  expect(end.screen).toMatch(/~ ConfigMap\/settings +level +1 → 2/u)
  expect(moved(before, await stored(small.namespace))).toEqual({})
})

test('yes deploys what was shown', async () => {
  const small = await deployed('yes')
  const terminal = await asked(small)
  terminal.types('y\n')
  expect(await terminal.ended()).toMatchObject({ status: 0 })
  expect((await object('configmap', 'settings', small.namespace))?.data).toEqual({ level: '2' })
})

test('no lock is held while it asks, and what has moved meanwhile is found after the answer', async () => {
  const small = await deployed('meanwhile')
  const terminal = await asked(small)
  expect(await holder(small)).toBe('')
  const patch = ['patch', 'configmap', 'settings', '-n', small.namespace, '--type=merge']
  await kubectl([...patch, '--patch', '{"data":{"level":"hand"}}'])
  const before = await stored(small.namespace)

  terminal.types('y\n')

  const { status, screen } = await terminal.ended()
  expect(status).toBe(3)
  expect(screen).toContain('E_PLAN_STALE')
  expect(screen).toContain('ConfigMap/settings')
  expect(moved(before, await stored(small.namespace))).toEqual({})
  expect(await holder(small)).toBe('')
})
