import { expect, test } from '@jest/globals'
import { certificates } from '../../src/adapters/files/certificates.ts'
import { openFiles } from '../../src/adapters/files/files.ts'
import { isThere } from '../../src/adapters/files/there.ts'
import { openStandIn } from '../../src/adapters/helm/stand-in.ts'
import { statusOf } from '../../src/adapters/kubernetes/failures.ts'
import { storedRelease } from '../../src/adapters/kubernetes/releases.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'

test('what the world gives and is not of its kind is an answer', async () => {
  expect(certificates.chain(PEM)).toEqual({ problem: 'holds a certificate that cannot be parsed' })
  expect(certificates.leadsTo(PEM, PEM)).toBe(false)
  expect(certificates.key('text')).toEqual({ problem: 'holds no private key that can be parsed' })
  expect(await openFiles('/').exists('a\0b')).toBe(false)
  expect(await isThere('/no/such/file')).toBe(false)
})

test.each([
  ['null', 'null'],
  ['a page', '<html>'],
  ['a Status whose causes are none', '{"kind":"Status","reason":"Gone","message":"m","details":{"causes":[null,5]}}'],
])('an error of the API server in %s is told', (_, body) => {
  expect(statusOf(410, body, undefined)).toMatchObject({ code: 410, causes: [] })
})

test('a record that is none says why', () => {
  const record = (release: string) => ({
    ...{ apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1', data: { release } },
    metadata: { name: 'sh.helm.release.v1.app.v1', labels: { name: 'app', version: '1', status: 'deployed' } },
  })
  expect(storedRelease(record(btoa(btoa('text')))).fault).toBe('it is no JSON')
})

test('a bug in what helm asks for ends the render, and not only its answer', async () => {
  const bug = new TypeError('bug')
  const look = async (): Promise<never> => await Promise.reject(bug)
  const there = await openStandIn(look, [], new AbortController().signal)
  const kubeconfig = JSON.parse((await openFiles('/').read(there.args[1] ?? '')) ?? '') as {
    clusters: { cluster: { server: string } }[]
  }
  await fetch(`${kubeconfig.clusters[0]?.cluster.server ?? ''}/api/v1/namespaces/a/secrets/b`)
  await expect(there.close()).rejects.toThrow('bug')
})
