import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { document, forge, type Ran } from '../support/forge.ts'
import { podTemplate } from '../support/pods.ts'
import { projectOf } from '../support/project.ts'
import { smallFiles, type Manifest } from '../support/small.ts'

/** One sandbox for all: an older minor, without nodes of its own. */
let home: string
let env: Record<string, string>
let kubeconfig: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'forge-minor-'))
  env = { XDG_STATE_HOME: home, FORGE_SANDBOX: 'older' }
  const up = document<{ sandbox: { kubeconfig: string } }>(
    await sandbox('up', '--kubernetes', '1.34.5-gke.7', '--nodes', '0', '--json'),
  )
  kubeconfig = up.sandbox.kubeconfig
  expect(up).toMatchObject({
    started: true,
    sandbox: { kubernetes: 'v1.34.5-gke.7', emulates: '1.34.5-gke.7', nodes: 0 },
  })
})

afterAll(async () => {
  await sandbox('down')
  await rm(home, { recursive: true })
})

async function sandbox(...args: readonly string[]): Promise<Ran> {
  return await forge(['sandbox', ...args], { env })
}

async function kubectl(args: readonly string[], input?: unknown): Promise<string> {
  const { stdout } = await execa('kubectl', ['--kubeconfig', kubeconfig, ...args], {
    input: JSON.stringify(input ?? {}),
    // Over WebSockets, a kubectl before 1.34 drops what a command says at once: kubernetes#131189.
    env: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' },
  })
  return stdout
}

/** In Kubernetes since 1.36. */
const POLICY: Manifest = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: 'minor' },
  spec: {},
}

/** What a chart sees: the version, and whether a kind is there. */
const SEEN = `apiVersion: v1
kind: ConfigMap
metadata: { name: seen }
data:
  version: {{ .Capabilities.KubeVersion.Version }}
  minor: {{ .Capabilities.KubeVersion.Minor | quote }}
  policies: {{ .Capabilities.APIVersions.Has "${POLICY['apiVersion'] as string}/${POLICY.kind}" | quote }}
`

test('charts, helm and forge take it for what it emulates', async () => {
  const project = await projectOf({
    ...smallFiles({ cluster: 'sandbox', namespace: 'minor' }, []),
    'chart/Chart.yaml': "apiVersion: v2\nname: small\nversion: 0.1.0\nkubeVersion: '>=1.34.0-0 <1.35.0-0'\n",
    'chart/templates/seen.yaml': SEEN,
  })
  const run = async (command: string): Promise<Ran> =>
    await forge([command, '--env', 'test', '-C', project.dir], { env })
  expect(await run('deploy')).toMatchObject({ status: 0, stderr: expect.stringContaining('Kubernetes 1.34.5-gke.7') })
  const seen = await kubectl(['get', 'configmap', 'seen', '-n', 'minor', '-o', 'jsonpath={.data}'])
  expect(JSON.parse(seen)).toEqual({ version: 'v1.34.5-gke.7', minor: '34', policies: 'false' })

  await project.write('values.yaml', stringify({ objects: [POLICY] }))
  expect(await run('plan')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('the cluster does not know MutatingAdmissionPolicy'),
  })
})

test('a kind that came later is not there, and a field that came later is dropped', async () => {
  await expect(kubectl(['create', '-f', '-'], POLICY)).rejects.toThrow('no matches for kind "MutatingAdmissionPolicy"')
  // On by default since 1.35.
  const later = {
    restartPolicy: 'Never',
    restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
  }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'later' },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'example.test/main:1', ...later }] },
  }
  const kept = ['create', '--dry-run=server', '-f', '-', '-o', 'jsonpath={.spec.containers[0].restartPolicyRules}']
  expect(await kubectl(kept, pod)).toBe('')
})

test('a node that is made in it takes pods, with their claims, logs and exec', async () => {
  const taint = { key: 'pool', value: 'spot', effect: 'NoSchedule' }
  await kubectl(['create', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'copied', labels: { pool: 'spot' } },
    spec: { taints: [taint] },
    status: {
      capacity: { cpu: '1', memory: '2Gi' },
      addresses: [{ type: 'ExternalIP', address: '198.51.100.7' }],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    },
  })
  const tolerations = [{ ...taint, operator: 'Equal' }]
  const template = podTemplate({ name: 'db', spec: { tolerations } })
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  await kubectl(['create', '-f', '-'], {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      serviceName: 'db',
      replicas: 2,
      selector: { matchLabels: { 'app.kubernetes.io/name': 'db' } },
      template,
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
    },
  })
  await kubectl(['rollout', 'status', 'statefulset/db', '--timeout=20s'])
  expect(await kubectl(['logs', 'db-1'])).toContain('image example.test/main:1')
  expect(await kubectl(['exec', 'db-1', '--', 'echo', 'here'])).toBe('here')
  const bound = await kubectl(['get', 'pvc', '-o', 'jsonpath={.items[*].status.phase}'])
  expect(bound).toBe('Bound Bound')
  const room = await kubectl(['get', 'node', 'copied', '-o', 'jsonpath={.status.allocatable}'])
  expect(JSON.parse(room)).toMatchObject({ cpu: '1', memory: '2Gi', pods: '110' })
})

test.each([
  ['a node that is cordoned', 'cordoned', { spec: { unschedulable: true } }, 'true'],
  ['a node that was made not ready', 'down', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }, ''],
])('%s stays so', async (_what, name, as, unschedulable) => {
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Node', metadata: { name }, ...as })
  await kubectl(['wait', `node/${name}`, '--for=jsonpath={.status.allocatable.cpu}=8', '--timeout=20s'])
  expect(await kubectl(['get', 'node', name, '-o', 'jsonpath={.spec.unschedulable}'])).toBe(unschedulable)
  const ready = await kubectl(['get', 'node', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'])
  expect(ready).toBe(name === 'down' ? 'False' : 'True')
})

test('a minor that the sandbox does not have is refused, and another one is told', async () => {
  expect(await sandbox('up', '--name', 'newer', '--kubernetes', '1.33')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--kubernetes is a version from 1.34 to 1.37, such as 1.34 or v1.34.3, not "1.33"'),
  })
  expect((await sandbox('up', '--kubernetes', '1.37')).stdout).toContain('kubernetes 1.37 (runs with 1.34)')
  expect((await sandbox('up', '--kubernetes', '1.34')).stdout).not.toContain('not applied')
})
