import { afterEach, describe, expect, test } from '@jest/globals'
import { defineKind, freshNamespace, kubectl, object } from '../support/cluster.ts'
import * as sample from '../support/manifests.ts'
import type { Manifest, Small } from '../support/small.ts'
import { deployed, settings } from '../support/small-deployed.ts'
import { document } from '../support/forge.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** A release that helm 3 made is patched by both: helm 4 goes on as it was begun. */
const BOTH = [3, 4] as const

const groups: string[] = []
afterEach(async () => {
  for (const group of groups.splice(0)) await kubectl(['delete', 'customresourcedefinition', `things.${group}`])
})

function thing(group: string, spec: Record<string, string>): Manifest {
  return { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'one' }, spec }
}

async function withThing(): Promise<{ small: Small; group: string }> {
  const group = `${freshNamespace('p')}.example.test`
  groups.push(group)
  await defineKind(sample.definition(group, ['a', 'b', 'c']))
  const small = await deployed('patched', 3, [settings('1'), thing(group, { a: '1', b: '1' })])
  return { small, group }
}

async function deploy(
  small: Small,
  major: 3 | 4,
  ...flags: string[]
): Promise<{ status: number | undefined; report: DeployReport }> {
  const ran = await small.run('deploy', ['--json', ...flags], major)
  return { status: ran.status, report: document<DeployReport>(ran) }
}

const done = { status: 0, report: { verdict: null } }

describe.each(BOTH)('a release that helm 3 made, with helm %i', (major) => {
  test('drift of a custom resource is refused, overwritten where that is said, and back after a rollback', async () => {
    const { small, group } = await withThing()
    const live = async (): Promise<unknown> => (await object(`things.${group}`, 'one', small.namespace))?.spec
    await kubectl([
      'patch',
      `things.${group}`,
      'one',
      '--type=merge',
      '-p',
      '{"spec":{"a":"by hand","c":"added"}}',
      '-n',
      small.namespace,
    ])

    expect(await deploy(small, major)).toMatchObject({ status: 3, report: { verdict: { code: 'E_DRIFT' } } })
    expect(await deploy(small, major, '--overwrite-drift')).toMatchObject(done)
    expect(await live()).toEqual({ a: '1', b: '1', c: 'added' })
    expect(await deploy(small, major)).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })

    await kubectl([
      'patch',
      `things.${group}`,
      'one',
      '--type=merge',
      '-p',
      '{"spec":{"a":"by hand"}}',
      '-n',
      small.namespace,
    ])
    await small.render([settings('2'), thing(group, { a: '1', b: '2' }), sample.web({ image: 'a.invalid/web:1' })])
    const failed = await deploy(small, major, '--overwrite-drift')
    expect(failed).toMatchObject({ status: 4, report: { verdict: { code: 'E_IMAGE_PULL' } } })
    expect(await live()).toEqual({ a: 'by hand', b: '1', c: 'added' })
  })

  test('forge rollback brings a custom resource back as the target had it, whatever somebody made of it', async () => {
    const { small, group } = await withThing()
    await small.render([settings('2'), thing(group, { a: '1', b: '2' })])
    expect(await deploy(small, major)).toMatchObject(done)
    await kubectl([
      'patch',
      `things.${group}`,
      'one',
      '--type=merge',
      '-p',
      '{"spec":{"a":"by hand"}}',
      '-n',
      small.namespace,
    ])

    const ran = await small.run('rollback', ['--json'], major)

    expect({ status: ran.status, verdict: document<DeployReport>(ran).verdict }).toEqual({ status: 0, verdict: null })
    expect((await object(`things.${group}`, 'one', small.namespace))?.spec).toEqual({ a: '1', b: '1' })
  })

  test('one port number in two protocols can be added, changed and taken away', async () => {
    const ports = (...all: [string, number, string][]): Manifest =>
      sample.service('dns', {
        ports: all.map(([name, port, protocol]) => ({ name, port, protocol, targetPort: port })),
      })
    const live = async (small: Small): Promise<unknown> =>
      ((await object('service', 'dns', small.namespace))?.spec?.['ports'] as { name: string }[]).map(({ name }) => name)
    const small = await deployed('ports', 3, [ports(['tcp', 53, 'TCP'], ['udp', 53, 'UDP'])])
    await small.render([ports(['tcp', 53, 'TCP'], ['udp', 53, 'UDP'], ['web', 80, 'TCP'])])
    expect(await deploy(small, major)).toMatchObject(done)
    expect(await live(small)).toEqual(['tcp', 'udp', 'web'])
    await small.render([ports(['tcp', 53, 'TCP'], ['udp-dns', 53, 'UDP'], ['web', 80, 'TCP'])])
    expect(await deploy(small, major)).toMatchObject(done)
    expect(await live(small)).toEqual(['tcp', 'udp-dns', 'web'])
    await small.render([ports(['tcp', 53, 'TCP'], ['web', 80, 'TCP'])])
    expect(await deploy(small, major)).toMatchObject(done)
    expect(await live(small)).toEqual(['tcp', 'web'])
    expect(await deploy(small, major)).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
  })

  test('the image pull secrets of a ServiceAccount are one value', async () => {
    const account = (...names: string[]): Manifest => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'app' },
      imagePullSecrets: names.map((name) => ({ name })),
    })
    const small = await deployed('account', 3, [account('one', 'two')])
    const live = async (): Promise<unknown> =>
      ((await object('serviceaccount', 'app', small.namespace))?.['imagePullSecrets'] as { name: string }[]).map(
        ({ name }) => name,
      )
    await small.render([account('two', 'three')])
    expect(await deploy(small, major)).toMatchObject(done)
    expect(await live()).toEqual(['two', 'three'])
    await small.render([account('three')])
    expect(await deploy(small, major)).toMatchObject(done)
    expect(await live()).toEqual(['three'])
    expect(await deploy(small, major)).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
  })
})
