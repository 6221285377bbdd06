import { describe, expect, test } from '@jest/globals'
import { ForgeError } from '../../../src/errors.ts'
import { kubectl } from '../../../src/hint.ts'
import type { Prediction } from '../../../src/ports.ts'
import { examine, ills, machineOf } from '../../support/doctor.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'

const DEPLOYED = (await deployed()).copy()

async function deployed(): Promise<Shop> {
  const shop = new Shop()
  const { error } = await shop.run().deploy()
  if (error !== undefined) throw error
  return shop
}

const object = (apiVersion: string, kind: string, name: string, rest: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name },
  ...rest,
})
const claim = object('v1', 'PersistentVolumeClaim', 'data', {
  spec: { storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
})
const odd = object('x.io/v1', 'Odd', 'odd')
const own = object('v1', 'Namespace', 'shop')
const away = { ...claim, apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'away', namespace: 'elsewhere' } }
const astray = object('v1', 'Service', 'astray', { spec: { selector: { app: 'nobody' } } })

describe('forge doctor', () => {
  test('finds nothing where all is well, and writes nothing', async () => {
    const shop = DEPLOYED.copy()
    const before = JSON.stringify(shop.cluster.store.all())
    const found = await examine(shop.run())
    expect(ills(found)).toEqual([])
    expect(JSON.stringify(shop.cluster.store.all())).toBe(before)
    expect(found.lines.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['Node 24.0.0', 'kubectl 1.36.1', 'for a deploy', 'for a plan', 'room on the nodes']),
    )
  })

  test('tells all that forbids a deploy at once, where a deploy ends at the first', async () => {
    const shop = DEPLOYED.copy().set('base', { more: [away, claim, odd, own, astray] })
    const found = await examine(shop.run())
    expect(found.lines.filter(({ mark }) => mark === 'problem').map(({ code }) => code)).toEqual(
      expect.arrayContaining(['E_STORAGE_CLASS', 'E_CRD_MISSING', 'E_OWN_NAMESPACE', 'E_NAMESPACE_MISSING']),
    )
    const { error } = await shop.run().deploy()
    expect(error?.code).toBe('E_OWN_NAMESPACE')
  })

  test('and each problem has a command that mends it, or shows more', async () => {
    const { lines } = await examine(
      DEPLOYED.copy()
        .set('base', { more: [claim, away, astray] })
        .run(),
    )
    const wrong = lines.filter(({ mark }) => mark === 'problem' || mark === 'warning')
    expect(wrong).toHaveLength(3)
    expect(wrong.filter(({ hint }) => hint === undefined)).toEqual([])
  })

  test('without its secrets it still looks at the charts', async () => {
    const shop = DEPLOYED.copy()
      .set('base', { more: [claim] })
      .write('login.txt', '')
    const codes = (await examine(shop.run())).lines.flatMap(({ code }) => code ?? [])
    expect(codes).toContain('E_STORAGE_CLASS')
    expect(codes.filter((code) => code.startsWith('E_SECRET'))).toHaveLength(1)
  })

  test.each<[string, string, RegExp]>([
    ['list Node', 'workloads', /^room on the nodes: /u],
    ['list StorageClass', 'storage', /^StorageClasses of claims: /u],
    ['get Namespace', 'namespace', /^namespace shop: /u],
    ['list Pod', 'network', /^whether Service\/astray selects a pod: you may not list pods/u],
    ['list Secret', 'project', /which deploy runs|helm's records/u],
  ])('what may not be read (%s) is not checked, and is no problem', async (forbidden, group, text) => {
    const shop = DEPLOYED.copy().set('base', { more: [claim, astray] })
    shop.cluster.forbidden.add(forbidden)
    if (forbidden !== 'list StorageClass') shop.set('base', { more: [astray] })
    const { lines } = await examine(shop.run())
    expect(lines.filter(({ mark }) => mark === 'unchecked')).toContainEqual(
      expect.objectContaining({ group, text: expect.stringMatching(text) }),
    )
    expect(lines.filter(({ mark }) => mark === 'problem')).toEqual([])
  })

  test.each([
    ['list Secret', ["helm's records", 'drift', 'no deploy was cut off'], ['no object twice', 'kinds']],
    ['list ConfigMap', ['drift', 'nothing that is used goes'], ["helm's records"]],
    ['get Namespace', ['not being deleted'], ["helm's records", 'drift']],
  ])('what stands on something that may not be read (%s) is not said to be well', async (forbidden, unknown, known) => {
    const shop = DEPLOYED.copy()
    shop.cluster.forbidden.add(forbidden)
    const well = (await examine(shop.run())).lines.filter(({ mark }) => mark === 'ok').map(({ text }) => text)
    expect(well.filter((text) => unknown.includes(text))).toEqual([])
    expect(well).toEqual(expect.arrayContaining(known))
  })

  test('a cluster that does not answer is one problem, beside what can be known without it', async () => {
    const shop = DEPLOYED.copy()
    const run = shop.run()
    const gone = new ForgeError('E_CLUSTER_UNREACHABLE', 'nobody answers', { hint: kubectl(['version']) })
    const ports = { ...run.ports, connect: async () => await Promise.reject(gone) }
    const expired = { context: 'test', server: 'https://c', user: 'jane', certificateEnds: 0 }
    const machine = machineOf({
      version: () => Promise.resolve(undefined),
      credentials: () => Promise.resolve(expired),
    })
    const found = await examine(Object.assign(run, { ports }), machine)
    expect(ills(found)).toEqual([
      'problem access E_CLUSTER_CREDENTIALS: the client certificate of jane expired on 1970-01-01',
      'problem access E_CLUSTER_UNREACHABLE: nobody answers',
      'unchecked project: what a deploy would look at after that',
      'warning tools: kubectl is not on PATH: forge needs none, but most of its hints are commands for it',
    ])
  })

  test('kubectl too old for the cluster', async () => {
    const machine = machineOf({ version: () => Promise.resolve('1.32.0') })
    expect(ills(await examine(DEPLOYED.copy().run(), machine))).toEqual([
      'warning tools: kubectl 1.32.0 and Kubernetes 1.36 are more than one minor version apart',
    ])
  })

  test('secrets of sops, and no sops', async () => {
    const shop = DEPLOYED.copy().configure((config) => ({
      ...config,
      secrets: { ...config.secrets, more: { files: { a: { sops: 'more.sops.yaml', path: 'a' } } } },
    }))
    const version = (name: string) => Promise.resolve(name === 'sops' ? undefined : '1.36.0')
    expect(ills(await examine(shop.run(), machineOf({ version })))).toContainEqual(
      expect.stringMatching(/^problem tools E_TOOL_MISSING: .*sops/u),
    )
  })

  test.each<[string, Prediction, string]>([
    [
      'a webhook that does not answer',
      { kind: 'webhook-silent', webhook: 'w', service: undefined, message: 'webhook w does not answer: refused' },
      'problem workloads E_WEBHOOK_DOWN: pods of Deployment/base would be refused: webhook w does not answer: refused',
    ],
    [
      'a full quota',
      { kind: 'invalid', message: 'pods "a" is forbidden: exceeded quota: q', fields: [] },
      'warning workloads: pods of Deployment/base would be refused: exceeded quota: q',
    ],
    [
      'what may come with the deploy',
      { kind: 'invalid', message: 'no PriorityClass with name high', fields: [] },
      'unchecked workloads: whether the namespace takes the pods of Deployment/base: no PriorityClass with name high',
    ],
    [
      'a webhook that the charts bring',
      { kind: 'webhook-silent', webhook: 'w', service: 'shop/astray', message: 'w does not answer' },
      'unchecked workloads: whether the namespace takes the pods of Deployment/base: Service/astray of the charts decides',
    ],
  ])('pods are tried: %s', async (_, answer, expected) => {
    const more = expected.includes('astray') ? [{ ...astray, spec: {} }] : []
    const run = DEPLOYED.copy().set('base', { more }).run()
    const { connect } = run.ports
    const ports = {
      ...run.ports,
      connect: async (target: Parameters<typeof connect>[0]) => {
        const made = await connect(target)
        const predict: typeof made.cluster.predict = async (desired, way, signal) =>
          desired.kind === 'Pod' ? answer : await made.cluster.predict(desired, way, signal)
        return { ...made, cluster: { ...made.cluster, predict } }
      },
    }
    const found = ills(await examine(Object.assign(run, { ports })))
    expect(found).toHaveLength(2)
    expect(found).toContain(expected)
  })

  test('all rights that lack are told at once, by what they are for', async () => {
    const run = DEPLOYED.copy().run()
    const rules = [{ verbs: ['get', 'list'], apiGroups: ['*'], resources: ['configmaps', 'secrets', 'pods'] }]
    const { connect } = run.ports
    const ports = {
      ...run.ports,
      connect: async (target: Parameters<typeof connect>[0]) => {
        const made = await connect(target)
        return { ...made, cluster: { ...made.cluster, rules: () => Promise.resolve({ incomplete: false, rules }) } }
      },
    }
    const { lines } = await examine(Object.assign(run, { ports }))
    const rights = lines.filter(({ group }) => group === 'rights').map(({ text }) => text)
    expect(rights).toHaveLength(2)
    expect(rights).toEqual([
      expect.stringMatching(
        /^for a deploy in namespace shop you may not: .*secrets \(create, patch, update, delete\)/u,
      ),
      expect.stringMatching(/^for a plan in namespace shop you may not: .*deployments\.apps \(get, list\)/u),
    ])
  })
})
