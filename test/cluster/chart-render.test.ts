import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CI_FILES, ciFile, podTemplates, render, template, type PodTemplate } from '../support/chart.ts'
import type { LiveObject } from '../support/cluster.ts'
import { Network } from '../support/network.ts'
import { asPod, strictNamespace, type StrictNamespace } from '../support/strict-namespace.ts'

let room: StrictNamespace
let namespace: string

beforeAll(async () => {
  room = await strictNamespace('chart')
  namespace = room.name
})

afterAll(async () => await room.remove())

const dryRun = async (objects: readonly unknown[]): Promise<string[]> => await room.dryRun(objects)

describe.each(CI_FILES)('%s', (file) => {
  test('renders the same bytes twice', async () => {
    const [once, twice] = await Promise.all([template([ciFile(file)]), template([ciFile(file)])])
    expect(once.status).toBe(0)
    expect(twice.stdout).toBe(once.stdout)
  })

  test('is accepted by the API server, every field of it', async () => {
    const objects = await render(file, undefined, namespace)
    expect(await dryRun(objects)).toHaveLength(objects.length)
  })

  test('makes pods that a namespace of the level restricted takes', async () => {
    const pods = podTemplates(await render(file, undefined, namespace))
    expect(await dryRun(pods.map((pod, index) => asPod(pod, index, namespace)))).toHaveLength(pods.length)
  })

  test('names images by tag or digest, and neither token nor service links reach a pod', async () => {
    for (const { spec } of podTemplates(await render(file))) {
      for (const { image } of [...spec.containers, ...(spec.initContainers ?? [])])
        expect(image).toMatch(/:[^/:@]+$|@sha256:[0-9a-f]{64}$/u)
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
    }
  })

  test('mounts only what is rendered or named: ConfigMaps with their keys, claims', async () => {
    const objects = await render(file)
    const data = new Map(
      objects
        .filter(({ kind }) => kind === 'ConfigMap')
        .map(({ metadata, data: keys = {} }) => [metadata.name, Object.keys(keys)]),
    )
    const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name)
    for (const { of, spec } of podTemplates(objects)) {
      for (const volume of (spec['volumes'] ?? []) as Volume[]) {
        for (const { key } of volume.configMap?.items ?? []) {
          expect({ of, configMap: volume.configMap?.name, keys: data.get(volume.configMap?.name ?? '') }).toMatchObject(
            { keys: expect.arrayContaining([key]) },
          )
        }
        if (volume.persistentVolumeClaim !== undefined) expect(claims).toContain(volume.persistentVolumeClaim.claimName)
      }
    }
  })

  test('has NetworkPolicies that each select a pod, and let in whom a pod is told to call', async () => {
    const network = new Network(await render(file))
    for (const { name, spec } of network.policies)
      expect({ name, selects: network.selected(spec).length }).not.toEqual({ name, selects: 0 })
    const calls = network.pods.flatMap((pod) => callsOf(pod).map(({ service, port }) => ({ pod, service, port })))
    for (const { pod, service, port } of calls) {
      const targets = network.behind(service, port)
      const shut = targets.filter((target) => !network.letsIn(pod.metadata.labels, target.pod, target.port))
      expect({ pod: pod.of, service, port, pods: targets.length > 0, shut }).toEqual({
        pod: pod.of,
        service,
        port,
        pods: true,
        shut: [],
      })
    }
  })
})

interface Volume {
  readonly configMap?: { readonly name: string; readonly items?: readonly { readonly key: string }[] }
  readonly persistentVolumeClaim?: { readonly claimName: string }
}

/** Services that a pod calls: those it waits for, those its environment names, and what every pod of the application uses. */
function callsOf({ app, spec }: PodTemplate): { service: string; port: number }[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const waits = containers.flatMap(({ args = [] }) =>
    [...args.join('\n').matchAll(/nc -z -w \d+ (\S+) (\d+)/gu)].map(([, service = '', port]) => ({
      service,
      port: Number(port),
    })),
  )
  const named = containers.flatMap(({ env = [] }) =>
    env.flatMap(({ name, value = '' }) => {
      if (['PGHOST', 'SQL_HOST', 'POSTGRES_SEEDS'].includes(name)) return [{ service: value, port: 5432 }]
      return name === 'TEMPORAL_ADDRESS' && value !== ''
        ? [{ service: value.split(':')[0] ?? '', port: Number(value.split(':')[1]) }]
        : []
    }),
  )
  return [...waits, ...named, ...(app === 'app' || app === 'worker' ? [{ service: 'postgres', port: 5432 }] : [])]
}

describe('the network of the whole stack', () => {
  let network: Network

  beforeAll(async () => {
    network = new Network(await render('default-values.yaml'))
  })

  const labels = (app: string): Readonly<Record<string, string>> => {
    const pod = network.pods.find((one) => one.app === app)
    if (pod === undefined) throw new Error(`no pod of ${app}`)
    return pod.metadata.labels
  }

  const callers = (service: string, port: number): string[] => {
    const [target] = network.behind(service, port)
    if (target === undefined) throw new Error(`nothing is behind ${service}:${port}`)
    return network.pods
      .filter(({ app }) => network.letsIn(labels(app), target.pod, target.port))
      .map(({ app }) => app)
      .sort()
  }

  test.each([
    ['postgres', 5432, ['app', 'postgres-verifier', 'temporal', 'temporal-schema-setup', 'worker']],
    ['redis', 6379, ['app', 'worker']],
    [
      'temporal',
      7233,
      ['app', 'temporal', 'temporal-admin-tools', 'temporal-namespace-init', 'temporal-web', 'worker'],
    ],
  ])('%s:%i lets in exactly those that need it', (service, port, expected) =>
    expect(callers(service, port)).toEqual(expected),
  )

  test('the app and the web UI let in the whole namespace; nobody gets in to worker, tools and Jobs', () => {
    const stranger = { 'app.kubernetes.io/name': 'stranger' }
    const open = network.pods
      .filter((pod) => [8000, 8080, 7233, 5432, 6379].some((port) => network.letsIn(stranger, pod, port)))
      .map(({ app }) => app)
    expect(open.sort()).toEqual(['app', 'temporal-web'])
  })

  test('the servers of Temporal find each other on the ports of their services', () => {
    const [target] = network.behind('temporal', 7233)
    if (target === undefined) throw new Error('nothing is behind temporal')
    for (const port of [6933, 6934, 6935, 6939, 7234, 7235, 7239])
      expect(network.letsIn(labels('temporal'), target.pod, port)).toBe(true)
  })
})

test('the namespace does refuse a pod below its level', async () => {
  const [pod] = podTemplates(await render('minimal-values.yaml'))
  if (pod === undefined) throw new Error('no pod')
  const root = { ...pod, spec: { ...pod.spec, securityContext: { runAsUser: 0 } } }
  await expect(dryRun([asPod(root, 0, namespace)])).rejects.toThrow(/violates PodSecurity "restricted/u)
})

test('Job names change with what the Job runs, and with nothing else', async () => {
  const names = async (values?: unknown): Promise<string[]> =>
    (await render('default-values.yaml', values)).filter(isJob).map(({ metadata }) => metadata.name)
  const before = await names()
  expect(before).toHaveLength(3)
  expect(
    await names({
      app: { replicas: 5 },
      global: { labels: { more: 'yes' } },
      secretRevisions: { 'postgres-secrets': { postgres_app_user_pw: 9 } },
    }),
  ).toEqual(before)
  expect(await names({ jobs: { temporalSchemaSetup: { backoffLimit: 9, activeDeadlineSeconds: 99 } } })).toEqual(before)
  const script = await names({ configMaps: { 'temporal-config': { 'schema-setup.sh': '#!/bin/sh\nexit 3\n' } } })
  expect(script.filter((name) => !before.includes(name))).toEqual([
    expect.stringMatching(/^temporal-schema-setup-[0-9a-f]{8}$/u),
  ])
})

const isJob = ({ kind }: LiveObject): boolean => kind === 'Job'
