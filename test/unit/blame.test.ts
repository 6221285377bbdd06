import { expect, test } from '@jest/globals'
import { keyOf } from '../../src/domain/kube.ts'
import type { Failure, FailureFacts } from '../../src/domain/readiness/model.ts'
import type { Planned, ReleasePlan } from '../../src/flows/phases/planned.ts'
import { responsibleLine } from '../../src/flows/restore/blame.ts'

const APP = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'prod', name: 'app' }
const at = (file: string, line: number) => ({ file, line, column: 1 })
const from = (file: string, line: number, value: unknown) => [{ origin: { kind: 'file', at: at(file, line) }, value }]
const annotation = (kind: string, name: string): string =>
  `spec.template.metadata.annotations.'forge.api-forge.io/${kind}-${name}'`

const origins = new Map([
  ['app.image', from('deploy/values.yaml', 3, 'ghcr.io/acme/app:2')],
  ['worker.tag', from('deploy/values.yaml', 9, '7.1')],
  ['configMaps.app-env.LOG_LEVEL', from('.env', 14, 'verbose')],
])

const project = {
  releases: [{ configMaps: [{ name: 'app-env', at: at('forge.yaml', 20) }] }],
  secrets: [
    {
      name: 'app-secrets',
      at: at('forge.yaml', 30),
      keys: [
        { key: 'oidc', source: { kind: 'file', file: 'infra/keys/oidc.txt', at: at('forge.yaml', 31) } },
        { key: 'smtp', source: { kind: 'env', name: 'SMTP', at: at('forge.yaml', 32) } },
      ],
    },
  ],
}

interface Case extends FailureFacts {
  readonly code: Failure['code']
  readonly changes?: readonly { path: string; after?: unknown; at?: string }[]
  readonly changedKeys?: readonly string[]
  readonly root?: string
}

function lineFor({ code, changes = [], changedKeys = [], root, ...facts }: Case): string | undefined {
  const map = { ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'prod', name: 'app-env' } }
  const plans = [
    { ref: APP, changes },
    { ...map, changes: [{ path: 'data.LOG_LEVEL', after: 'verbose' }] },
  ]
  const work = { configuration: { origins }, plans } as unknown as ReleasePlan
  const failure = { code, ...facts, ...(root === undefined ? {} : { root }) } as Failure
  const known = { releases: [work], project, secretPlans: [{ name: 'app-secrets', changedKeys }] }
  return responsibleLine({ stage: 'app', target: APP, failure }, known as unknown as Planned)
}

const memory = {
  path: 'spec.template.spec.containers[app].resources.limits.memory',
  after: '64Mi',
  at: 'deploy/values.prod.yaml:31',
}
const replicas = { path: 'spec.replicas', after: 9, at: 'deploy/values.prod.yaml:8' }
const config = { path: annotation('configmap', 'app-env'), after: 'x' }
const secret = { path: annotation('secret', 'app-secrets'), after: '4' }

test.each<[string, Case, string | undefined]>([
  [
    'an image of a first install, where nothing changes',
    { code: 'E_IMAGE_PULL', image: 'ghcr.io/acme/app:2' },
    'deploy/values.yaml:3  app.image=ghcr.io/acme/app:2',
  ],
  [
    'an image that the chart builds from a tag',
    { code: 'E_IMAGE_PULL', image: 'ghcr.io/acme/worker:7.1' },
    'deploy/values.yaml:9  worker.tag=7.1',
  ],
  [
    'the field that fits the code, before others',
    { code: 'E_OOM_KILLED', changes: [replicas, memory] },
    'deploy/values.prod.yaml:31  resources.limits.memory=64Mi',
  ],
  [
    'a quota has to do with replicas',
    { code: 'E_QUOTA', changes: [config, replicas] },
    'deploy/values.prod.yaml:8  replicas=9',
  ],
  [
    'a crash has to do with configuration, before other fields',
    { code: 'E_CRASH_LOOP', changes: [replicas, config] },
    '.env:14  LOG_LEVEL=verbose   (ConfigMap app-env)',
  ],
  [
    'a value of the command line, as it was typed',
    {
      code: 'E_UNSCHEDULABLE',
      changes: [{ path: 'spec.template.spec.nodeSelector.disk', after: 'ssd', at: '--set disk' }],
    },
    '--set disk=ssd',
  ],
  [
    'a secret, without its value',
    { code: 'E_CRASH_LOOP', changes: [secret], changedKeys: ['oidc'] },
    'infra/keys/oidc.txt  oidc changed (value not shown)   (Secret app-secrets)',
  ],
  [
    'a secret that is read from the environment',
    { code: 'E_CRASH_LOOP', changes: [secret], changedKeys: ['smtp'] },
    'forge.yaml:32  smtp changed (value not shown)   (Secret app-secrets)',
  ],
  [
    'a key that forge.yaml should have',
    { code: 'E_CONTAINER_CONFIG', missing: { kind: 'Secret', name: 'app-secrets' } },
    'forge.yaml:30  Secret app-secrets',
  ],
  [
    'a ConfigMap',
    { code: 'E_CONTAINER_CONFIG', missing: { kind: 'ConfigMap', name: 'app-env' } },
    'forge.yaml:20  ConfigMap app-env',
  ],
  [
    'any field, where nothing fits better',
    { code: 'E_CRASH_LOOP', changes: [replicas] },
    'deploy/values.prod.yaml:8  replicas=9',
  ],
  ['nothing that changed', { code: 'E_CRASH_LOOP' }, undefined],
  [
    'what changed about the workload that it waits for',
    { code: 'E_CRASH_LOOP', changes: [replicas], root: keyOf({ ...APP, name: 'postgres' }) },
    undefined,
  ],
])('%s', (_, failure, line) => expect(lineFor(failure)).toBe(line))
