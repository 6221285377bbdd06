import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { ForgeError } from '../../src/errors.ts'
import { changing, dryRuns, type Touching } from '../../src/flows/plan/dry-runs-back.ts'
import { kubectl } from '../../src/hint.ts'

const GROUP = 'admissionregistration.k8s.io/v1'
const signal = new AbortController().signal

const resource = (apiVersion: string, kind: string, plural: string): Touching['facts']['resources'][number] => ({
  apiVersion,
  kind,
  plural,
  namespaced: true,
  verbs: ['list'],
})
const RESOURCES = [
  resource('v1', 'ConfigMap', 'configmaps'),
  resource('apps/v1', 'Deployment', 'deployments'),
  resource('example.test/v1', 'Thing', 'things'),
  resource(GROUP, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'),
  resource(GROUP, 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies'),
]

const map = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
const maps = (count: number): KubeObject[] => Array.from({ length: count }, (_, at) => map(`m${at}`))
const things = (count: number): KubeObject[] =>
  maps(count).map((one) => ({ ...one, apiVersion: 'example.test/v1', kind: 'Thing' }))
const web = (name: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } } },
})
const webhook = (rules: unknown): KubeObject => ({
  apiVersion: GROUP,
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'w' },
  webhooks: [{ name: 'w', rules }],
})
const policy = (spec: object): KubeObject => ({
  apiVersion: GROUP,
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'p' },
  spec,
})

/** What is tried, where all of these change. */
async function tried(
  objects: readonly KubeObject[],
  list: () => Promise<readonly KubeObject[]>,
  more: object = {},
): Promise<{ names: string[]; lists: number }> {
  const names: string[] = []
  let lists = 0
  const plans = objects.map(({ apiVersion, kind, metadata: { name } }) => ({
    ref: { apiVersion, kind, name },
    action: 'change',
    drift: [],
    changes: [{ path: 'data.a', before: 1, after: 2 }],
    ...more,
  }))
  const work = { plans, previous: objects.map((object) => ({ object })), release: { name: 'r', namespace: 'n' } }
  const context = {
    releases: [work],
    facts: { resources: RESOURCES },
    cluster: {
      predict: async (object: KubeObject) => {
        names.push(object.metadata.name)
        return await Promise.resolve({ kind: 'predicted', object })
      },
      list: async ({ kind }: { kind: string }) => {
        lists += 1
        return (await list()).filter((one) => one.kind === kind)
      },
    },
  }
  const asked = context as unknown as Touching & Parameters<typeof changing>[0]
  await dryRuns(changing(asked), asked, { signal })
  return { names: names.sort(), lists }
}
const nothing = async (): Promise<readonly KubeObject[]> => await Promise.resolve([])
const those =
  (...found: KubeObject[]) =>
  async (): Promise<readonly KubeObject[]> =>
    await Promise.resolve(found)

describe('what is applied again in a dry run, so that a rollback can be promised', () => {
  test('of many plain objects that nobody else has a say in one of each kind, and all that has pods', async () => {
    const { names, lists } = await tried([...maps(20), web('a'), web('b')], nothing)
    expect({ names, lists }).toEqual({ names: ['a', 'b', 'm0'], lists: 2 })
  })

  test('a few are all tried, without a question', async () => {
    const { names, lists } = await tried(maps(9), nothing)
    expect({ count: names.length, lists }).toEqual({ count: 9, lists: 0 })
  })

  test.each([
    ['a webhook for the kind', those(webhook([{ resources: ['configmaps'], apiGroups: [''] }]))],
    ['a webhook for its subresources', those(webhook([{ resources: ['configmaps/status'] }]))],
    ['a webhook for everything', those(webhook([{ resources: ['*/*'] }]))],
    ['a webhook whose rules cannot be read', those(webhook('none'))],
    ['a policy for the kind', those(policy({ matchConstraints: { resourceRules: [{ resources: ['configmaps'] }] } }))],
    ['a policy without constraints', those(policy({}))],
    [
      'no right to look',
      async () => await Promise.reject(new ForgeError('E_FORBIDDEN', 'no', { hint: kubectl(['version']) })),
    ],
  ] as const)('all of them where there is %s', async (_, list) => {
    expect((await tried(maps(20), list)).names).toHaveLength(20)
  })

  test('what a webhook for another kind has no say in is spared', async () => {
    const others = those(
      webhook([{ resources: ['pods', 'deployments'] }]),
      policy({ matchConstraints: { resourceRules: [] } }),
    )
    expect((await tried(maps(20), others)).names).toEqual(['m0'])
  })

  test('all that their definition may refuse', async () => {
    expect((await tried(things(20), nothing)).names).toHaveLength(20)
  })

  test.each([
    ['that somebody changed', { drift: [{ path: 'data.a' }] }],
    ['that are deleted, and would have to be made', { action: 'delete' }],
    ['that are replaced', { action: 'replace' }],
  ])('all %s', async (_, more) => {
    expect((await tried(maps(20), nothing, more)).names).toHaveLength(20)
  })
})
