import { describe, expect, test } from '@jest/globals'
import { allowedNodes, takesPod, type Placement } from '../../src/domain/access/placement.ts'
import { hasImage, runsOn } from '../../src/domain/images/nodes.ts'
import { judgeAnswer, judgeUnasked, type Answer, type Pulling, type PullScene } from '../../src/domain/images/pulls.ts'
import { imageUses, type ImageUse, type PullingSpec } from '../../src/domain/images/uses.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

interface NodeParts {
  readonly arch?: string
  readonly images?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly unknown[]
  readonly providerID?: string
}

function node(name: string, { arch = 'amd64', images = [], labels = {}, taints = [], providerID }: NodeParts = {}) {
  return {
    ...{ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/arch': arch, ...labels } } },
    spec: { taints, providerID },
    status: {
      images: [{ names: null }, { names: images }],
      nodeInfo: { operatingSystem: 'linux', architecture: arch },
    },
  } satisfies KubeObject
}

function deployment(spec: PullingSpec): KubeObject {
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', generation: 1 } },
    ...{ spec: { template: { spec } } },
  }
}

const IMAGE = 'ghcr.io/acme/web:1'

function use(spec: PullingSpec = {}, image = IMAGE, imagePullPolicy?: string): ImageUse {
  const container = { name: 'web', image, ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) }
  const [found] = imageUses([deployment({ ...spec, containers: [container] })])
  if (found === undefined) throw new Error('no use')
  return found
}

describe('nodes', () => {
  const nodes = [node('one', { labels: { disk: 'ssd', size: '5' } }), node('two', { arch: 'arm64' })]
  const required = (...nodeSelectorTerms: object[]): Placement => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  })
  const term = (key: string, operator: string, ...values: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  })

  test.each<[string, Placement, string[]]>([
    ['anywhere', {}, ['one', 'two']],
    ['a selector', { nodeSelector: { 'kubernetes.io/arch': 'arm64' } }, ['two']],
    ['a name', { nodeName: 'two' }, ['two']],
    ['In', required(term('disk', 'In', 'hdd', 'ssd')), ['one']],
    ['NotIn', required(term('disk', 'NotIn', 'ssd')), ['two']],
    ['Exists', required(term('disk', 'Exists')), ['one']],
    ['DoesNotExist', required(term('disk', 'DoesNotExist')), ['two']],
    ['Gt', required(term('size', 'Gt', '4')), ['one']],
    ['Lt', required(term('size', 'Lt', '4')), []],
    [
      'one of several terms',
      required(term('disk', 'Exists'), term('kubernetes.io/arch', 'In', 'arm64')),
      ['one', 'two'],
    ],
    ['a field', required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['two'] }] }), ['two']],
  ])('%s', (_, placement, names) => {
    expect(allowedNodes(placement, nodes).map(({ metadata }) => metadata.name)).toEqual(names)
  })

  test.each<[string, Placement['tolerations'], boolean]>([
    ['nothing', undefined, false],
    ['all', [{ operator: 'Exists' }], true],
    ['the key', [{ key: 'role', operator: 'Exists' }], true],
    ['the value', [{ key: 'role', value: 'db', effect: 'NoSchedule' }], true],
    ['another value', [{ key: 'role', value: 'web' }], false],
    ['another effect', [{ key: 'role', operator: 'Exists', effect: 'NoExecute' }], false],
  ])('a taint, and who tolerates %s', (_, tolerations, takes) => {
    const taints = [
      { key: 'role', value: 'db', effect: 'NoSchedule' },
      { key: 'soft', effect: 'PreferNoSchedule' },
    ]
    expect(takesPod(node('a', { taints }), { ...(tolerations === undefined ? {} : { tolerations }) })).toBe(takes)
  })

  test('an image that a node has, has not, or may have got by hand', () => {
    const has = (parts: NodeParts, image = 'web:1') => hasImage(node('a', parts), image)
    expect(has({ images: ['docker.io/library/web:1'] })).toBe('yes')
    expect(has({ images: ['docker.io/library/web:2'] })).toBe('no')
    expect(has({ providerID: 'kind://docker/kind/kind-worker' })).toBe('unknown')
    expect(has({ labels: { 'minikube.k8s.io/name': 'minikube' } })).toBe('unknown')
    expect(has({ images: [`a.io/web@sha256:${'0'.repeat(64)}`] }, `a.io/web:1@sha256:${'0'.repeat(64)}`)).toBe('yes')
  })

  test.each([
    [['linux/amd64', 'linux/arm64'], 'linux/arm64', true],
    [['linux/arm'], 'linux/arm64', true],
    [['linux/386'], 'linux/amd64', true],
    [['linux/arm64'], 'linux/arm', false],
    [['windows/amd64'], 'linux/amd64', false],
  ])('%j on %s: %s', (platforms, of, runs) => expect(runsOn(platforms, of)).toBe(runs))
})

describe('what comes of an answer', () => {
  const AMD = [node('one'), node('two')]
  const scene = (more: Partial<PullScene> = {}): PullScene => {
    return { nodes: AMD, running: new Set<string>(), open: new Set<string>(), ...more }
  }
  const pulling = (more: Partial<Pulling> = {}): Pulling => {
    return {
      ...{
        namespace: 'shop',
        secrets: [],
        account: 'default',
        logins: [],
        missing: [],
        unreadable: [],
        unknown: undefined,
      },
      ...more,
    }
  }
  const judged = (answer: Answer, more: Partial<PullScene> = {}, of = use(), given: Partial<Pulling> = {}) =>
    judgeAnswer(of, pulling(given), answer, scene(more))
  const login = { secret: 'pull', user: 'u', password: 'p' }
  const DENIED: Answer = { is: 'denied' }
  const ABSENT: Answer = { is: 'absent' }

  test.each<[string, Partial<Pulling>, string]>([
    ['no secret', {}, 'its registry wants a login (or has no such image), and its pods have no pull secret'],
    [
      'one that is missing',
      { secrets: ['pull'], missing: ['pull'] },
      'its registry wants a login (or has no such image), and the pull secret of its pods, Secret pull, does not exist',
    ],
    [
      'one for elsewhere',
      { secrets: ['a', 'b'] },
      'its registry wants a login (or has no such image), and the pull secret of its pods, Secret a and Secret b, has none for ghcr.io',
    ],
    [
      'one that is wrong',
      { secrets: ['pull'], logins: [login, login] },
      'its registry refuses the login of Secret pull',
    ],
  ])('denied with %s', (_, given, why) => {
    expect(judged(DENIED, {}, use(), given)).toEqual({ is: 'wrong', because: 'denied', why })
  })

  test('a secret that is no docker configuration: nothing is pulled, whatever the registry says', () => {
    expect(judged({ is: 'there' }, {}, use(), { secrets: ['pull'], unreadable: ['pull'] })).toEqual({
      ...{ is: 'wrong', because: 'denied' },
      why: 'Secret pull, with which its pods pull, holds no docker configuration',
    })
  })

  test('absent: wrong, but for what runs or is on a node', () => {
    const wrong = { is: 'wrong', because: 'absent', why: 'it does not exist' }
    expect(judged(ABSENT)).toEqual(wrong)
    expect(judged(ABSENT, { nodes: undefined })).toEqual(wrong)
    expect(judged(ABSENT, { running: new Set([IMAGE]) })).toMatchObject({
      soft: expect.stringContaining('has it already'),
    })
    const half = [node('one', { images: [IMAGE] }), node('two')]
    expect(judged(ABSENT, { nodes: half })).toMatchObject({ soft: expect.stringContaining('some nodes have it') })
    expect(judged(ABSENT, { nodes: half }, use({}, IMAGE, 'Always'))).toEqual(wrong)
    const kind = [node('kind', { providerID: 'kind://x' })]
    expect(judged(ABSENT, { nodes: kind })).toMatchObject({ soft: expect.stringContaining('by hand') })
  })

  test('denied where the nodes may have a login of their own', () => {
    expect(judged(DENIED, { open: new Set(['ghcr.io/acme/web']) })).toMatchObject({ soft: expect.any(String) })
    for (const image of [
      '1.dkr.ecr.eu-central-1.amazonaws.com/web:1',
      'gcr.io/p/web:1',
      'eu.gcr.io/p/web:1',
      'europe-docker.pkg.dev/p/r/web:1',
      'acme.azurecr.io/web:1',
    ])
      expect(judged(DENIED, {}, use({}, image))).toMatchObject({ is: 'unchecked' })
    expect(judged(DENIED, {}, use(), { unknown: 'you may not get secrets' })).toEqual({
      is: 'unchecked',
      why: 'you may not get secrets',
    })
  })

  test('absent to nobody in particular, where the logins of the pods are not known', () => {
    expect(judged(ABSENT, {}, use(), { unknown: 'you may not get secrets' })).toMatchObject({ is: 'unchecked' })
  })

  test('a registry that cannot be asked is not checked; of what runs nothing is said', () => {
    const answer: Answer = { is: 'unknown', why: 'it does not answer (ENOTFOUND)' }
    expect(judged(answer)).toEqual({ is: 'unchecked', why: 'ghcr.io: it does not answer (ENOTFOUND)' })
    expect(judged(answer, { running: new Set([IMAGE]) })).toEqual({ is: 'fine' })
  })

  describe('a platform', () => {
    const arm: Answer = { is: 'there', platforms: ['linux/arm64'] }
    const mixed = [node('one'), node('two', { arch: 'arm64' })]

    test('that no node has', () => {
      expect(judged(arm)).toEqual({
        ...{ is: 'wrong', because: 'platform' },
        why: 'it is built for linux/arm64, and the 2 nodes that its pods may run on are linux/amd64',
      })
      const grows = [node('one', { labels: { 'karpenter.sh/nodepool': 'x' } })]
      expect(judged(arm, { nodes: grows })).toMatchObject({ soft: 'another node may come' })
    })

    test('that some nodes have', () => {
      expect(judged(arm, { nodes: mixed })).toEqual({
        is: 'remark',
        why: 'it is built for linux/arm64, and its pods may come to one (linux/amd64)',
      })
      const tainted = [node('one', { taints: [{ key: 'x', effect: 'NoSchedule' }] }), node('two', { arch: 'arm64' })]
      expect(judged(arm, { nodes: tainted })).toEqual({ is: 'fine' })
      const chosen = (arch: string) => use({ nodeSelector: { 'kubernetes.io/arch': arch } })
      expect(judged(arm, { nodes: mixed }, chosen('arm64'))).toEqual({ is: 'fine' })
      expect(judged(arm, { nodes: mixed }, chosen('amd64'))).toMatchObject({ is: 'wrong', because: 'platform' })
    })

    test('that nobody knows, or of an image that runs', () => {
      const strange = [{ ...node('one'), status: {} }]
      expect(judged(arm, { nodes: strange })).toEqual({ is: 'fine' })
      expect(judged(arm, { nodes: undefined })).toEqual({ is: 'fine' })
      expect(judged(arm, { running: new Set([IMAGE]) })).toEqual({ is: 'fine' })
      expect(judged({ is: 'there' })).toEqual({ is: 'fine' })
    })
  })

  test('nobody is asked for what all nodes have, nor where nothing is pulled', () => {
    const all = [node('one', { images: [IMAGE] }), node('two', { images: [IMAGE] })]
    const unasked = (of: ImageUse, nodes: PullScene['nodes'], running: string[] = []) =>
      judgeUnasked(of, { nodes, running: new Set(running) })
    expect(unasked(use(), all)).toEqual({ is: 'fine' })
    expect(unasked(use({}, IMAGE, 'Always'), all)).toBeUndefined()
    expect(unasked(use(), AMD)).toBeUndefined()
    expect(unasked(use(), undefined)).toBeUndefined()
    expect(unasked(use({}, IMAGE, 'Never'), all)).toEqual({ is: 'fine' })
    expect(unasked(use({}, IMAGE, 'Never'), AMD)).toMatchObject({ is: 'unchecked' })
    expect(unasked(use({}, IMAGE, 'Never'), AMD, [IMAGE])).toEqual({ is: 'fine' })
  })
})
