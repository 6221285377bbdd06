import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { nodeImages } from '../../src/adapters/images/node-images.ts'
import { localCluster, nameOnNodes, type LocalCluster } from '../../src/domain/images/loaders.ts'
import { callsIn, scriptIn } from '../support/builder-scripts.ts'
import { app, FakeBuilder, FakeNodes, FakeRegistry, prepare, taggedBy } from '../support/images-scene.ts'

const never = new AbortController().signal
const silent = (): undefined => undefined
const TAGGED = await taggedBy(app)
const here = { ...app, repository: 'app' }
const HERE = TAGGED.replace('ghcr.io/acme/app', 'app')

describe('the clusters whose nodes take images from this machine', () => {
  test.each([
    ['kind-dev', { loader: 'kind', name: 'dev', said: false }],
    ['k3d-shop', { loader: 'k3d', name: 'shop', said: false }],
    ['minikube', { loader: 'minikube', name: 'minikube', said: false }],
    ['prod-eu', undefined],
    ['kindly', undefined],
  ])('by the context %s', (context, found) => {
    expect(localCluster({ sandbox: false }, context)).toEqual(found)
    expect(localCluster({ sandbox: false, context }, undefined)).toEqual(found)
  })

  test('by what forge.yaml says, whatever the context is called', () => {
    expect(localCluster({ sandbox: false, load: 'kind' }, 'mine')).toEqual({ loader: 'kind', name: 'mine', said: true })
    expect(localCluster({ sandbox: false, load: 'containerd' }, 'rig')).toEqual({
      ...{ loader: 'containerd', name: 'containerd', said: true },
    })
    expect(localCluster({ sandbox: true }, 'kind-dev')).toBeUndefined()
  })

  test.each([
    ['app:1', 'docker.io/library/app:1'],
    ['acme/app:1', 'docker.io/acme/app:1'],
    ['ghcr.io/acme/app:1', 'ghcr.io/acme/app:1'],
  ])('nodes list %s as %s', (ref, name) => {
    expect(nameOnNodes(ref)).toBe(name)
  })
})

describe('step 2 for such nodes', () => {
  const loading = (takesAll: boolean) => {
    const nodes = new FakeNodes()
    const builder = new FakeBuilder()
    builder.nodes = nodes
    const registry = new FakeRegistry()
    return {
      nodes,
      builder,
      registry,
      run: { request: { nodes: { images: nodes, takesAll } }, scene: { builder, registry } },
    }
  }

  test('an image is built and loaded once; each node is asked', async () => {
    const { builder, run } = loading(false)
    const first = await prepare([here], run.request, run.scene).result
    expect([...first.refs, first.summary, first.warnings]).toEqual([
      ['app', HERE],
      'app built and loaded into the nodes',
      [],
    ])
    expect(builder.asked).toEqual([`build ${HERE}`, `save ${HERE}`])
    const second = await prepare([here], run.request, run.scene).result
    expect([second.summary, builder.asked.length]).toEqual(['app on the nodes already', 2])
  })

  test('a node that came since gets it too, although the release runs it', async () => {
    const { nodes, run } = loading(false)
    await prepare([here], run.request, run.scene).result
    nodes.has.set('three', new Set())
    const previousValues = new Map([['api', { app: { image: HERE } }]])
    const { summary } = await prepare([here], { ...run.request, previousValues }, run.scene).result
    expect([summary, [...(nodes.has.get('three') ?? [])]]).toEqual(['app built and loaded into the nodes', [HERE]])
  })

  test('one that names a registry is pushed, unless forge.yaml says that nodes take all', async () => {
    const guessed = loading(false)
    await prepare([app], guessed.run.request, guessed.run.scene).result
    expect(guessed.builder.asked).toEqual([`build ${TAGGED}`, `push ${TAGGED}`])
    const said = loading(true)
    const { refs } = await prepare([app], said.run.request, said.run.scene).result
    expect([[...refs], said.registry.asked]).toEqual([[['app', TAGGED]], []])
  })

  test('a node that does not have it afterwards is no success', async () => {
    const { nodes, run } = loading(false)
    nodes.loses = 'two'
    await expect(prepare([here], run.request, run.scene).result).rejects.toMatchObject({
      code: 'E_IMAGE_LOAD',
      message: `image app: node two of kind cluster dev does not have ${HERE} after it was loaded`,
      exitStatus: 3,
    })
  })
})

describe('the programs of such clusters, as shell scripts', () => {
  let dir = ''
  const path = process.env['PATH'] ?? ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'forge-nodes-'))
    process.env['PATH'] = `${dir}${delimiter}${path}`
  })
  afterEach(async () => {
    process.env['PATH'] = path
    await rm(dir, { recursive: true, force: true })
  })

  const script = async (name: string, body: string): Promise<void> => await scriptIn(dir, name, body)
  const calls = async (): Promise<string[]> => (await callsIn(dir)).toSorted()
  const images = JSON.stringify({
    images: [{ id: 'sha256:1', repoTags: ['docker.io/library/app:1'], repoDigests: [] }],
  })
  const k3d = ['server', 'agent', 'loadbalancer'].map((role) => ({
    ...{ name: `k3d-dev-${role}-0`, role, runtimeLabels: { 'k3d.cluster': 'dev' } },
  }))
  const other = { name: 'k3d-other-server-0', role: 'server', runtimeLabels: { 'k3d.cluster': 'other' } }
  const exec = `[ "$2" = lacks ] && echo '{"images":[]}' || echo '${images}'`

  test.each([
    [
      'kind',
      { kind: 'printf "has\\nlacks\\ndev-external-load-balancer\\n"', docker: exec },
      ['lacks'],
      [
        'docker exec has crictl images --output json',
        'docker exec lacks crictl images --output json',
        'kind get nodes --name dev',
        'kind load image-archive /tmp/x.tar --name dev',
      ],
    ],
    [
      'k3d',
      { k3d: `echo '${JSON.stringify([...k3d, other])}'`, docker: exec },
      [],
      [
        'docker exec k3d-dev-agent-0 crictl images --output json',
        'docker exec k3d-dev-server-0 crictl images --output json',
        'k3d image import /tmp/x.tar --cluster dev',
        'k3d node list --output json',
      ],
    ],
    [
      'minikube',
      {
        minikube: `case "$1" in node) printf 'dev\\t10.0.0.1\\nlacks\\t10.0.0.2\\n';; ssh) [ "$5" = lacks ] || echo '${images}';; esac`,
      },
      ['lacks'],
      [
        'minikube image load /tmp/x.tar --profile dev',
        'minikube node list --profile dev',
        'minikube ssh --profile dev --node dev -- sudo crictl images --output json',
        'minikube ssh --profile dev --node lacks -- sudo crictl images --output json',
      ],
    ],
    [
      'containerd',
      { ctr: '[ "$4" = ls ] && echo docker.io/library/app:1; exit 0' },
      [],
      [
        'ctr --namespace k8s.io images import /tmp/x.tar',
        'ctr --namespace k8s.io images ls --quiet name==docker.io/library/app:1',
      ],
    ],
  ] as const)('%s', async (loader, scripts, lacking, called) => {
    for (const [name, body] of Object.entries(scripts)) await script(name, body)
    const nodes = nodeImages({ loader, name: 'dev' }, { env: {} })
    expect(await nodes.lacking('app:1', never)).toEqual(lacking)
    await nodes.load('/tmp/x.tar', silent, never)
    expect(await calls()).toEqual(called)
  })

  test('what fails says which program, and why; a cluster that has no nodes is none', async () => {
    const dev: LocalCluster = { loader: 'kind', name: 'dev' }
    await script('kind', 'echo "No kind nodes found for cluster \\"dev\\"." >&2')
    await expect(nodeImages(dev, { env: {} }).lacking('app:1', never)).rejects.toMatchObject({
      code: 'E_IMAGE_LOAD',
      message: 'kind has no nodes of a cluster dev',
    })
    await script('kind', 'echo "ERROR: disk full" >&2; exit 1')
    await expect(nodeImages(dev, { env: {} }).load('/tmp/x.tar', silent, never)).rejects.toMatchObject({
      message: 'kind load image-archive --name failed: ERROR: disk full',
    })
    process.env['PATH'] = dir
    await expect(nodeImages({ ...dev, loader: 'k3d' }, { env: {} }).lacking('app:1', never)).rejects.toMatchObject({
      code: 'E_IMAGE_LOAD',
      message: expect.stringMatching(/^k3d node list --output failed: .*ENOENT/u),
    })
  })

  test('podman runs the nodes of kind where its own variable says so', async () => {
    await script('kind', 'echo has')
    await script('podman', `echo '${images}'`)
    const nodes = nodeImages({ loader: 'kind', name: 'dev' }, { env: { KIND_EXPERIMENTAL_PROVIDER: 'podman' } })
    expect(await nodes.lacking('app:1', never)).toEqual([])
  })
})
