import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { testSandbox } from '../support/sandbox.ts'
import { defineKind, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document, startForge, type Ran } from '../support/forge.ts'
import { definitionOf } from '../support/manifests.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'

/** A kind of this run's own, whose status has any shape and which no controller knows. */
const GROUP = `${freshNamespace('kind')}.example.test`
const STORES = `stores.${GROUP}`

const FREE = { 'x-kubernetes-preserve-unknown-fields': true }
const DEFINITION = definitionOf(GROUP, 'Store', {
  subresources: { status: {} },
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', ...FREE }, status: FREE } } },
})

beforeAll(async () => {
  await defineKind(DEFINITION)
})

afterAll(async () => {
  await kubectl(['delete', 'crd', STORES, '--wait=false'])
})

const store = (size: number): Manifest => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'Store',
  metadata: { name: 'db' },
  spec: { size },
})

const READY = { conditions: [{ type: 'Ready', status: 'True' }] }

async function says(status: unknown, namespace: string): Promise<void> {
  const patch = JSON.stringify([{ op: 'add', path: '/status', value: status }])
  await kubectl(['patch', STORES, 'db', '-n', namespace, '--subresource=status', '--type=json', '-p', patch])
}

async function waitsFor(grace: object, timeout = '30s'): Promise<Small> {
  const small = await smallProject(freshNamespace('store'), 4, [store(1)])
  await small.project.configure(['stages'], {
    data: { wait: ['Store/db'], timeout, grace: { status: '1s', ...grace } },
  })
  return small
}

/** Resolves when the store has this generation. */
async function written(namespace: string, generation: number): Promise<void> {
  while ((await object(STORES, 'db', namespace))?.metadata.generation !== generation)
    await new Promise((resolve) => setTimeout(resolve, 100))
}

describe('a resource whose controller writes no observedGeneration', () => {
  test('is ready when its status was written after its spec', async () => {
    const small = await waitsFor({ controller: '60s' })
    const { namespace } = small
    expect(await small.deploy()).toMatchObject({ status: 0 })
    await says(READY, namespace)

    await small.render([store(2)])
    const { name } = await testSandbox()
    const run = startForge(['deploy', '--env', 'test', '-C', small.project.dir], {
      env: { FORGE_SANDBOX: name },
    })
    await written(namespace, 2)
    await says({ conditions: [{ type: 'Ready', status: 'False', reason: 'Resizing' }] }, namespace)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await Promise.race([run, Promise.resolve('runs')])).toBe('runs')
    await says(READY, namespace)
    const { exitCode, stderr } = await run
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('no status since its spec changed'),
    })
  })

  test('is not, while nobody writes; then it is taken as it is, and the line of its stage says so', async () => {
    const small = await waitsFor({ controller: '3s' })
    expect(await small.deploy()).toMatchObject({ status: 0 })
    await says(READY, small.namespace)
    await small.render([store(2)])
    const { status, stderr } = await small.run('deploy', [])
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/db 1\/1 \(its controller has written no status since its spec changed\)/u),
    })
    await small.project.configure(['stages', 'data', 'timeout'], '2s')
    await small.render([store(3)])
    const late = await small.run('deploy', ['--no-rollback', '--json'])
    expect(document<DeployReport>(late).verdict).toMatchObject({
      code: 'E_STAGE_TIMEOUT',
      message: 'db is not ready: its controller has written no status since its spec changed (stage data waited 2s)',
    })
  })
})

test.each<[string, unknown, number]>([
  ['a text', 'fine', 0],
  ['null', null, 0],
  ['a number', 3, 0],
  ['conditions by type', { conditions: { Ready: { status: 'False', reason: 'Later' } } }, 8],
  ['conditions that are a text, a phase that is a list', { conditions: 'none', phase: ['a'] }, 0],
  ['conditions of null, numbers and maps', { conditions: [null, 4, {}, { type: 1 }], observedGeneration: 'x' }, 0],
  ['parents of null', { parents: [null, { conditions: null }], listeners: 7 }, 0],
])('a status that is %s ends neither a deploy nor status', async (_, status, exit) => {
  const small = await waitsFor({ controller: '1s' }, '5s')
  expect(await small.deploy()).toMatchObject({ status: 0 })
  await says(status, small.namespace)
  const look = await small.run('status', ['--json'])
  expect({ status: look.status, ready: document<StatusDocument>(look).ready }).toEqual({
    status: exit,
    ready: exit === 0,
  })
  await small.render([store(2)])
  const ran: Ran = await small.run('deploy', ['--no-rollback', '--json'])
  expect(ran.status).toBe(exit === 0 ? 0 : 5)
})
