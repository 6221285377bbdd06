import { expect, test } from '@jest/globals'
import { environmentOf, projectOf } from '../../src/domain/journal/project.ts'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import { newContent, revisionObject } from '../../src/domain/journal/secret-revision.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { connected, unknownPast } from '../../src/flows/observe/open.ts'
import { asked } from '../../src/flows/phases/asked.ts'
import { adopting, writing } from '../../src/flows/phases/policy.ts'
import { again } from '../../src/hint.ts'
import { NO_IMAGES } from '../../src/flows/phases/desired.ts'
import type { ClusterFacts } from '../../src/flows/phases/observed.ts'
import type { Connection } from '../../src/flows/phases/ports.ts'
import type { Charts } from '../../src/ports.ts'
import { planSecretsBack } from '../../src/flows/rollback/secrets.ts'
import { memoryFiles, projectPorts } from '../support/project-ports.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

function secret(revision: number, data: Record<string, string>): KubeObject {
  const annotations = { 'forge.api-forge.io/revision': String(revision) }
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)]))
  const metadata = { name: 's', namespace: 'n', annotations }
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: encoded }
}

const target: JournalEntry = {
  number: 1,
  project: 'p',
  environment: 'e',
  namespace: 'n',
  command: '',
  by: '',
  state: 'deployed',
  startedAt: '',
  releases: [],
  secrets: [{ name: 's', revision: 1 }],
  steps: [],
  configuration: { releases: [], stages: [], verify: [] },
}

/** What the cluster holds: the live Secret, and the kept content of revision 1. */
function contextWith(then: Record<string, string>, live: KubeObject | undefined) {
  const environment = environmentOf(target, { sandbox: true }, undefined)
  const options = { yes: true, timeoutMs: undefined, skipVerify: true, rollback: true }
  const wanted = asked(projectOf(target, environment), options, writing(again(), again(), adopting('deploy', 'e')))
  const kept = revisionObject({ project: 'p', namespace: 'n' }, newContent('s', 1, secret(1, then)))
  const cluster = { get: async () => await Promise.resolve(live), list: async () => await Promise.resolve([kept]) }
  const connection = { cluster: cluster as unknown as Connection, charts: {} as Charts }
  const opened = { ...connected(wanted, connection), ...unknownPast('nobody asked'), target }
  return { ...opened, ...NO_IMAGES, facts: {} as ClusterFacts, releases: [], leftOut: [], foreign: [] }
}

function ports(notAfter = NOW + 1e12) {
  const signal = new AbortController().signal
  const redactor = new Redactor()
  const certificate = {
    subject: 'CN=web',
    issuer: 'CN=ca',
    notBefore: 0,
    notAfter,
    hosts: [],
    isAuthority: false,
    publicKey: 'k',
  }
  const base = projectPorts(memoryFiles({}), {})
  const chain = () => ({ certificates: [certificate], signedByNext: [] })
  const project = { ...base, certificates: { ...base.certificates, chain } }
  const clock = { now: () => NOW, monotonic: () => 0, after: async () => await Promise.resolve() }
  return { project, redactor, signal, clock }
}

test('a certificate that has expired since is not gone back to', async () => {
  const context = contextWith({ 'tls.crt': PEM }, secret(2, { 'tls.crt': `${PEM}new` }))
  await expect(planSecretsBack(context, target, ports(NOW - 1))).rejects.toMatchObject({
    code: 'E_ROLLBACK_SECRET',
    message: 'secret s, key tls.crt would go back to a certificate CN=web expired on 2026-11-20',
  })
  await expect(planSecretsBack(context, target, ports())).resolves.toMatchObject({ said: '1 secret, s will change' })
})

test('every value that was read is masked, the old one and the present one', async () => {
  const given = ports()
  await planSecretsBack(contextWith({ key: 'the-old-value' }, secret(2, { key: 'the-new-value' })), target, given)
  expect(given.redactor.text('the-old-value the-new-value')).toBe('••• •••')
})

test.each([
  ['another type', { type: 'kubernetes.io/tls' }, 'Secret s has another type by now, and a type never changes'],
  ['immutable', { immutable: true }, 'Secret s is immutable by now'],
])('a Secret that is %s by now is refused before anything is written', async (_, more, message) => {
  const context = contextWith({ key: '1' }, { ...secret(2, { key: '2' }), ...more })
  await expect(planSecretsBack(context, target, ports())).rejects.toMatchObject({ code: 'E_ROLLBACK_SECRET', message })
})

test('the same number is the same content: nothing is read or written', async () => {
  const context = contextWith({ key: '1' }, secret(1, { key: 'edited by hand' }))
  const { value, said } = await planSecretsBack(context, target, ports())
  expect(said).toBe('1 secret, no change')
  expect(value.secretPlans).toMatchObject([{ action: 'unchanged', object: undefined }])
})
