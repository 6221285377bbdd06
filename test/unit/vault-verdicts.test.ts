import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { agentFailure } from '../../src/domain/vault/agent-failure.ts'
import { agentWords } from '../../src/domain/vault/agent-log.ts'
import { injectionOf } from '../../src/domain/vault/injection.ts'
import { judgeRole } from '../../src/domain/vault/judge.ts'
import { leastRoles } from '../../src/domain/vault/least.ts'
import { injectorWebhooks, leftOut } from '../../src/domain/vault/webhook.ts'
import { APP, pod } from './readiness-objects.ts'
import { failure, notReady, withPod } from './readiness-scene.ts'

const ANNOTATIONS = {
  'vault.hashicorp.com/agent-inject': 'true',
  'vault.hashicorp.com/role': 'shop',
  'vault.hashicorp.com/agent-inject-secret-app': 'secret/data/shop/app',
}

/** A pod that asks for an agent; `agent`: the state of the one that it has. */
function asking(agent?: object): KubeObject {
  const plain = pod({ ...notReady, metadata: { annotations: ANNOTATIONS } })
  if (agent === undefined) return plain
  const name = 'vault-agent-init'
  const { spec, status } = plain as unknown as { spec: object; status: object }
  return {
    ...plain,
    spec: { ...spec, initContainers: [{ name, image: 'vault' }] },
    status: { ...status, containerStatuses: [], initContainerStatuses: [{ name, restartCount: 0, ...agent }] },
  }
}

const RUNS = { state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }

describe('a pod that asks for an agent of Vault', () => {
  test('and was made without one never gets it: at once', () => {
    expect(failure(withPod(asking()))).toMatchObject({
      code: 'E_VAULT_NOT_INJECTED',
      message: 'app gets no agent of Vault: its pods ask for one by their annotations, and were made without',
    })
  })

  test('has grace.vault (30s) to get what it needs', () => {
    const deploy = withPod(asking(RUNS))
    expect(deploy.says(APP, 29_999)).toBe("progressing Vault's agent waits")
    expect(failure(deploy, 30_000)).toMatchObject({
      code: 'E_VAULT_INIT',
      pod: { container: 'vault-agent-init', previous: false },
    })
  })

  test('whose agent has ended well waits for nothing', () => {
    const ended = { state: { terminated: { exitCode: 0, reason: 'Completed' } } }
    expect(withPod(asking(ended)).says(APP, 300_000)).toMatch(/^progressing/u)
  })

  test('says what its agent says, with role, path and a command', () => {
    const failed = failure(withPod(asking(RUNS)), 30_000)
    const line =
      '2026-11-28T12:25:19.649Z [WARN]  agent: (view) vault.read(secret/data/shop/app): no secret exists at x'
    const words = agentWords([line])
    if (words === undefined) throw new Error('nothing was read')
    expect(agentFailure('app', failed, words, injectionOf(ANNOTATIONS))).toMatchObject({
      code: 'E_VAULT_TEMPLATE',
      message: "app cannot start: Vault's agent finds nothing at secret/data/shop/app (role shop)",
      chain: [...failed.chain, 'secret/data/shop/app'],
      hint: { argv: ['vault', 'kv', 'get', 'secret/data/shop/app'] },
    })
  })
})

describe('to whom a role is bound', () => {
  const login = { role: 'shop', mount: 'kubernetes', namespace: 'prod', account: 'web', audience: undefined }
  const of = (accounts: string[], namespaces: string[], more: object = {}) =>
    judgeRole(
      { kind: 'seen', value: { accounts, namespaces, selects: false, audience: undefined, policies: [], ...more } },
      login,
    )

  test.each<[string[], string[], string | undefined]>([
    [['web'], ['prod'], undefined],
    [['*'], ['*'], undefined],
    [['w*'], ['*od'], undefined],
    [['api', 'w*b'], ['p*o*d'], undefined],
    [['we'], ['prod'], 'at auth/kubernetes is bound to ServiceAccount we, and not to web'],
    [['web'], [], 'at auth/kubernetes is bound to no namespace, and not to prod'],
    [['web'], ['pro*uct'], 'at auth/kubernetes is bound to namespace pro*uct, and not to prod'],
    [['web*web'], ['prod'], 'at auth/kubernetes is bound to ServiceAccount web*web, and not to web'],
  ])('%j in %j', (accounts, namespaces, lack) => {
    const found = of(accounts, namespaces)
    expect(found?.kind === 'lack' ? found.lack : undefined).toBe(lack)
  })

  test('namespaces by labels, and an audience of the API server, are not known', () => {
    expect(of(['web'], [], { selects: true })).toMatchObject({ kind: 'doubt' })
    expect(of(['web'], ['prod'], { audience: 'vault' })).toMatchObject({ kind: 'doubt' })
  })
})

describe('why the API server asks no injector', () => {
  const registered = (more: object = {}): KubeObject => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'injector' },
    webhooks: [{ name: 'vault.hashicorp.com', failurePolicy: 'Ignore', ...more }],
  })
  const chosen = { namespace: 'prod', namespaceLabels: { vault: 'no' }, labels: { app: 'web' } }

  test.each<[string, KubeObject[], object, string | undefined]>([
    ['it is registered', [registered()], {}, undefined],
    ['it is not', [], {}, 'is not installed'],
    ['another webhook is', [registered({ name: 'other.example' })], {}, 'is not installed'],
    ['a namespace of the system', [registered()], { namespace: 'kube-system' }, 'leaves namespace kube-system alone'],
    [
      'a namespaceSelector',
      [registered({ namespaceSelector: { matchLabels: { vault: 'yes' } } })],
      {},
      'namespaceSelector wants vault=yes',
    ],
    [
      'the same, of labels that are not known',
      [registered({ namespaceSelector: { matchLabels: { vault: 'yes' } } })],
      { namespaceLabels: undefined },
      undefined,
    ],
    [
      'by its name',
      [registered({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'prod' } } })],
      {},
      undefined,
    ],
    [
      'an objectSelector',
      [registered({ objectSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] } })],
      {},
      'objectSelector wants app!=web',
    ],
  ])('%s', (_, configurations, more, why) => {
    const found = leftOut(injectorWebhooks(configurations), { ...chosen, ...more })
    if (why === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(why)
  })
})

test('the least role is for all who log in by it, and each path once', () => {
  const need = (by: string, account: string, path: string, isMade = false) => ({
    by,
    login: { role: 'shop', mount: 'kubernetes', namespace: 'prod', account, audience: undefined },
    reads: [{ path, keys: [], isMade }],
    address: undefined,
    vaultNamespace: undefined,
    unknown: [],
  })
  const [role, ...others] = leastRoles([
    need('Deployment/web', 'web', 'secret/data/shop/app'),
    need('Job/migrate', 'jobs', '/secret/data/shop/app'),
    need('Job/migrate', 'jobs', 'kv/shop'),
    need('Job/migrate', 'jobs', 'pki/issue/web', true),
  ])
  expect(others).toEqual([])
  expect(role).toMatchObject({
    serviceAccounts: ['jobs', 'web'],
    namespaces: ['prod'],
    by: ['Deployment/web', 'Job/migrate'],
  })
  expect(role?.rules.map(({ path, capabilities }) => `${path} ${capabilities.join(' ')}`)).toEqual([
    'kv/data/shop read',
    'kv/shop read',
    'pki/issue/web create update',
    'secret/data/shop/app read',
  ])
})
