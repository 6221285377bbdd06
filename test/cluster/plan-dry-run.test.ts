import { afterEach, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import * as sample from '../support/manifests.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import { deployed, refused } from '../support/small-deployed.ts'

const web = (pod: Record<string, unknown>, env: Record<string, string> = {}): Manifest => {
  const made = sample.web({ env, probe: true }) as Manifest & { spec: { template: { spec: object } } }
  const { template } = made.spec
  return { ...made, spec: { ...made.spec, template: { ...template, spec: { ...template.spec, ...pod } } } }
}
const settings = (value: string): Manifest => sample.configMap('settings', { value })

/** Whether helm has been there: it writes the ConfigMap before any Deployment. */
async function value(small: Small): Promise<string | undefined> {
  return (await object('configmap', 'settings', small.namespace))?.data?.['value']
}

const clean: string[][] = []
afterEach(async () => {
  for (const args of clean.splice(0)) await kubectl(['delete', '--ignore-not-found', ...args])
})

const TWICE = {
  containers: [
    {
      name: 'web',
      image: 'example.test/web:1',
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
  ],
}

test.each([
  [
    'a field that does not exist',
    { hostNetwrok: true },
    /Deployment\/web: spec\.template\.spec\.hostNetwrok: field not declared/u,
  ],
  [
    'a value of another type',
    { hostNetwork: 'maybe' },
    /Deployment\/web: spec\.template\.spec\.hostNetwork: expected boolean/u,
  ],
  ['one variable twice', TWICE, /Deployment\/web: .*env: duplicate entries for key \[name="A"\]/u],
])('%s ends the plan, before helm writes anything', async (name, pod, message) => {
  const small = await deployed('typo', 4, [settings('1'), web({})])
  await small.render([settings('2'), web(pod)])
  const plan = await small.run('plan', ['--json'])
  expect({ name, status: plan.status }).toEqual({ name, status: 3 })
  const report = await refused(small, 'E_OBJECT_INVALID')
  expect(report.verdict?.message).toMatch(message)
  expect(report.verdict?.where).toBe('small/templates/objects.yaml')
  expect(await value(small)).toBe('1')
})

test('with helm 3 a field that does not exist is a warning: the API server drops it', async () => {
  const small = await deployed('typo3', 3, [settings('1'), web({})])
  await small.render([settings('2'), web({ hostNetwrok: true }), sample.web({ name: 'more' })])
  expect((await small.plan()).warnings).toEqual([
    expect.stringMatching(/^Deployment\/web: the API server drops what it does not know: .*hostNetwrok"$/u),
  ])
  await small.render([settings('2'), web({ hostNetwork: 'maybe' })])
  await refused(small, 'E_OBJECT_INVALID')
})

test('a text that the API server would once have read as the number that is live is tried as well', async () => {
  const small = await deployed('text', 4, [settings('1'), sample.service('web', { ports: [{ port: 80 }] })])
  await small.render([settings('2'), sample.service('web', { ports: [{ port: '80' }] })])
  await refused(small, 'E_OBJECT_INVALID')
  expect(await value(small)).toBe('1')
})

test('what would be made is tried in a first install too, where its namespace is there', async () => {
  const namespace = freshNamespace('typo-first')
  await kubectl(['create', 'namespace', namespace])
  const small = await smallProject(namespace, 4, [settings('1'), web({ hostNetwrok: true })])
  await refused(small, 'E_OBJECT_INVALID')
  expect(await value(small)).toBeUndefined()
})

/** A webhook for this namespace's workloads that nothing answers. */
function silentWebhook({ namespace }: Small): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `silent-${namespace}` },
    webhooks: [
      {
        name: 'silent.example.test',
        clientConfig: { service: { name: 'operator', namespace, path: '/' } },
        rules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 2,
      },
    ],
  }
}

/** The API server learns of a new webhook or policy a moment after it was made. */
async function whenItActs(args: readonly string[], expected: RegExp): Promise<void> {
  let said = ''
  for (let tries = 0; tries < 200; tries++) {
    said = await kubectl([...args, '--dry-run=server']).then(
      (text) => text,
      (error: unknown) => String(error),
    )
    if (expected.test(said)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`it never acts: ${said}`)
}

async function silence(small: Small): Promise<void> {
  clean.push(['validatingwebhookconfiguration', `silent-${small.namespace}`])
  await kubectl(['apply', '-f', '-'], JSON.stringify(silentWebhook(small)))
  await whenItActs(['label', 'deployment/web', 'x=y', '-n', small.namespace], /failed calling webhook/u)
}

test.each([3, 4] as const)('a webhook that does not answer ends the plan with helm %i', async (helm) => {
  const small = await deployed(`silent${helm}`, helm, [settings('1'), web({})])
  await silence(small)
  await small.render([settings('2'), web({}, { A: '2' })])
  const report = await refused(small, 'E_WEBHOOK_DOWN')
  expect(report.verdict?.message).toMatch(
    /^Deployment\/web: webhook silent\.example\.test does not answer: .*"operator" not found/u,
  )
  expect(await value(small)).toBe('1')
})

test('a webhook that this deploy brings back is not checked, and a rollback is not promised', async () => {
  const small = await deployed('heals', 4, [settings('1'), web({})])
  await silence(small)
  await small.render([settings('2'), web({}, { A: '2' }), sample.service('operator')])
  const plan = await small.plan()
  expect(plan.objects.find(({ object: name }) => name === 'Deployment/web')?.notChecked).toMatch(
    /^Service\/operator, which this deploy changes, decides: webhook silent\.example\.test does not answer/u,
  )
  expect(plan.back).toMatchObject({
    possible: 'no',
    rows: [
      expect.stringMatching(/^no: Deployment\/web would be refused: webhook silent\.example\.test does not answer/u),
    ],
  })
})

const quota = (services: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'small' },
  spec: { hard: { services } },
})

test('a quota that this deploy raises does not refuse what the deploy makes', async () => {
  const small = await deployed('quota', 4, [quota('1')])
  const counted = (used: number): string[] => [`--for=jsonpath={.status.used.services}=${used}`, 'resourcequota/small']
  // What is made before the quota is looked at for the first time may not be counted for minutes.
  await kubectl(['wait', ...counted(0), '-n', small.namespace])
  await small.render([quota('1'), sample.service('one')])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  await kubectl(['wait', ...counted(1), '-n', small.namespace])
  await small.render([quota('1'), sample.service('one'), sample.service('two')])
  expect((await refused(small, 'E_OBJECT_INVALID')).verdict?.message).toMatch(/^Service\/two: .*exceeded quota: small/u)
  await small.render([quota('3'), sample.service('one'), sample.service('two')])
  expect((await small.plan()).objects.find(({ object: name }) => name === 'Service/two')?.notChecked).toMatch(
    /^ResourceQuota\/small, which this deploy changes, decides: /u,
  )
  expect(await small.deploy()).toMatchObject({ status: 0, report: { verdict: null } })
})

test('a definition that this deploy widens does not refuse its instances', async () => {
  const group = `${freshNamespace('w')}.example.test`
  clean.push(['customresourcedefinition', `things.${group}`])
  const thing = (spec: Record<string, string>): Manifest => ({
    apiVersion: `${group}/v1`,
    kind: 'Thing',
    metadata: { name: 'one' },
    spec,
  })
  const small = await deployed('widened', 4, [sample.definition(group, ['a'])])
  await small.render([sample.definition(group, ['a']), thing({ a: '1' })])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  await small.render([sample.definition(group, ['a']), thing({ a: '1', b: '2' })])
  await refused(small, 'E_OBJECT_INVALID')
  await small.render([sample.definition(group, ['a', 'b']), thing({ a: '1', b: '2' })])
  expect((await small.plan()).objects.find(({ object: name }) => name === 'Thing/one')?.notChecked).toMatch(
    /^CustomResourceDefinition\/things\.\S+, which this deploy changes, decides: /u,
  )
})

interface Beat {
  readonly name: string
  readonly namespace: string
  readonly group: string
  readonly resource: string
}

/** A policy in one namespace. */
async function police({ name, namespace, group, resource }: Beat, spec: object, binding: object = {}): Promise<void> {
  const api = 'admissionregistration.k8s.io/v1'
  const rules = [{ apiGroups: [group], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: [resource] }]
  const items = [
    {
      ...{ apiVersion: api, kind: 'ValidatingAdmissionPolicy', metadata: { name } },
      spec: { matchConstraints: { resourceRules: rules }, ...spec },
    },
    {
      ...{ apiVersion: api, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name } },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
        ...binding,
      },
    },
  ]
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

test('a policy that came since and refuses one of many objects as it runs is found before a deploy', async () => {
  const name = freshNamespace('since')
  clean.push(['validatingadmissionpolicybinding', name], ['validatingadmissionpolicy', name])
  const all = (text: string): Manifest[] =>
    Array.from({ length: 20 }, (_, at) => sample.configMap(`m${at}`, { value: at === 7 ? text : `${text}-${at}` }))
  const small = await deployed(name, 4, all('old'))
  await small.render(all('new'))
  expect((await small.plan()).back).toMatchObject({ possible: 'yes' })
  await police(
    { name, namespace: small.namespace, group: '', resource: 'configmaps' },
    { validations: [{ expression: "object.metadata.name != 'm7' || object.data.value != 'old'", message: 'too old' }] },
  )
  await whenItActs(['label', 'configmap/m7', 'x=y', '-n', small.namespace], /too old/u)
  expect((await small.plan()).back).toMatchObject({
    possible: 'no',
    rows: [expect.stringMatching(/^no: ConfigMap\/m7 would be refused: .*too old/u)],
  })
})

test('a policy whose parameters this deploy changes does not refuse what they will allow', async () => {
  const name = freshNamespace('policy')
  const limits = (most: string): Manifest => sample.configMap('limits', { most })
  const small = await deployed(name, 4, [limits('1'), web({})])
  // The policy stays: once the last policy with parameters of a kind is gone, the API server finds none for the next one.
  await police(
    { name, namespace: small.namespace, group: 'apps', resource: 'deployments' },
    {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'object.spec.replicas <= int(params.data.most)', message: 'too many' }],
    },
    { paramRef: { name: 'limits', namespace: small.namespace, parameterNotFoundAction: 'Deny' } },
  )
  await whenItActs(['patch', 'deployment/web', '-p', '{"spec":{"replicas":9}}', '-n', small.namespace], /too many/u)
  const two = { ...web({}), spec: { ...(web({})['spec'] as object), replicas: 2 } } as Manifest
  await small.render([limits('1'), two])
  expect((await refused(small, 'E_OBJECT_INVALID')).verdict?.message).toContain('too many')
  await small.render([limits('2'), two])
  expect((await small.plan()).objects.find(({ object: one }) => one === 'Deployment/web')?.notChecked).toMatch(
    /^ConfigMap\/limits, which this deploy changes, decides: /u,
  )
  expect(await small.deploy()).toMatchObject({ status: 0, report: { verdict: null } })
})
