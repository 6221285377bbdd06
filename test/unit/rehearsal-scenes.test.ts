import { expect, test } from '@jest/globals'
import { ForgeError } from '../../src/errors.ts'
import { forge } from '../../src/hint.ts'
import type { RehearsalPorts } from '../../src/flows/rehearse/ports.ts'
import type { Tonight } from '../../src/flows/rehearse/rehearse.ts'
import { Scenes } from '../../src/flows/rehearse/scene.ts'

const silent = (): void => undefined

function scenesBy(makeSandbox: RehearsalPorts['makeSandbox']): Scenes {
  const ports = { environment: { signal: new AbortController().signal }, makeSandbox }
  const tonight = { captured: { version: { gitVersion: 'v1.37.1' } } }
  return new Scenes(tonight as unknown as Tonight, ports as unknown as RehearsalPorts)
}

test('a scene that nobody needs any more is not made to its end', async () => {
  const ended = Promise.withResolvers<undefined>()
  const scenes = scenesBy(async (_, { signal }) => {
    signal.addEventListener('abort', () => ended.resolve(undefined))
    await ended.promise
    throw signal.reason
  })
  scenes.prepare()
  await scenes.drop()
  await expect(ended.promise).resolves.toBeUndefined()
})

test('a scene is made once, and what it is at is told to who comes to wait for it', async () => {
  const failing = Promise.withResolvers<undefined>()
  const told: unknown[] = []
  let made = 0
  const scenes = scenesBy(async (_, { progress }) => {
    made += 1
    progress('starting etcd')
    await failing.promise
    progress('starting kube-apiserver')
    throw new ForgeError('E_SANDBOX_START', 'it did not start', { hint: forge('sandbox', 'up'), where: 'sandbox' })
  })
  scenes.prepare()
  const waiting = scenes.get((detail) => void told.push(detail))
  failing.resolve(undefined)
  await expect(waiting).rejects.toThrow('it did not start')
  expect([made, told]).toEqual([1, ['starting etcd', 'starting kube-apiserver']])
})

test('one that could not be made is told to nobody who does not ask for it, and the next is a new one', async () => {
  let made = 0
  const scenes = scenesBy(() => {
    made += 1
    return Promise.reject(
      new ForgeError('E_SANDBOX_START', 'it did not start', { hint: forge('sandbox', 'up'), where: 'sandbox' }),
    )
  })
  scenes.prepare()
  await scenes.drop()
  await expect(scenes.get(silent)).rejects.toThrow('it did not start')
  expect(made).toBe(2)
})
