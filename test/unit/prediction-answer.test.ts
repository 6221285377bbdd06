import { describe, expect, test } from '@jest/globals'
import { droppedFields, readRefusal } from '../../src/domain/prediction/answer.ts'
import { broughtBy, denyingPolicy, type Refused } from '../../src/domain/prediction/brought.ts'
import type { KubeObject, ObjectRef } from '../../src/domain/kube.ts'

const WEB = 'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): '
const SILENT =
  'Internal error occurred: failed calling webhook "check.example.test": failed to call webhook: Post "https://operator.ops.svc:443/?timeout=2s": service "operator" not found'

describe('what the API server answers to a dry run', () => {
  test.each([
    [
      'a field that the schema does not know, in a server-side apply',
      500,
      `${WEB}.spec.template.spec.hostNetwrok: field not declared in schema`,
      {
        kind: 'invalid',
        message: 'spec.template.spec.hostNetwrok: field not declared in schema',
        fields: ['spec.template.spec.hostNetwrok'],
      },
    ],
    [
      'several of them',
      500,
      `${WEB}errors:\n  .spec.replica: field not declared in schema\n  .spec.paused: expected boolean, got &value.valueUnstructured{Value:"yes"}`,
      { kind: 'invalid', fields: ['spec.replica', 'spec.paused'] },
    ],
    [
      'one name twice in a list',
      500,
      `${WEB}.spec.template.spec.containers[name="web"].env: duplicate entries for key [name="A"]`,
      {
        kind: 'invalid',
        message: 'spec.template.spec.containers[name="web"].env: duplicate entries for key [name="A"]',
      },
    ],
    [
      'a webhook whose Service is gone',
      500,
      SILENT,
      {
        kind: 'webhook-silent',
        webhook: 'check.example.test',
        service: 'ops/operator',
        message:
          'webhook check.example.test does not answer: Post "https://operator.ops.svc:443/?timeout=2s": service "operator" not found',
      },
    ],
    [
      'a webhook outside the cluster',
      500,
      'Internal error occurred: failed calling webhook "w.example.test": failed to call webhook: Post "https://hooks.example.test/x?timeout=10s": context deadline exceeded',
      { kind: 'webhook-silent', webhook: 'w.example.test', service: undefined },
    ],
    [
      'a webhook that denies with a status of its own',
      500,
      'admission webhook "w.example.test" denied the request: no',
      { kind: 'invalid' },
    ],
    [
      'an API server that fails',
      500,
      'etcdserver: leader changed',
      { kind: 'not-checked', why: 'etcdserver: leader changed' },
    ],
  ])('%s', (_, code, message, expected) => {
    expect(readRefusal({ code, message, causes: [] })).toMatchObject(expected)
  })
})

const ref = (kind: string, name: string, namespace?: string, apiVersion = 'v1'): ObjectRef => ({
  apiVersion,
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
})
const web = ref('Deployment', 'web', 'shop', 'apps/v1')
const limit = ref('Limit', 'one', 'shop', 'bugs.example.test/v1')
const definition = (group: string, kind: string): KubeObject => ({
  ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'x' } },
  spec: { group, names: { kind } },
})
const hooks = {
  ...definition('', ''),
  kind: 'ValidatingWebhookConfiguration',
  webhooks: [{ name: 'check.example.test' }],
}
const quota = 'pods "web" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1'
const policy = `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'replicas' with binding 'replicas-shop' denied request: at most 3`
const silent = { ref: web, message: 'webhook check.example.test does not answer: no', service: 'ops/operator' }
const parameters = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'limits' }]

describe('what this deploy brings may change the answer', () => {
  test.each<[string, Refused, ObjectRef, KubeObject | undefined, boolean]>([
    ['a quota that is raised', { ref: web, message: quota }, ref('ResourceQuota', 'small', 'shop'), undefined, true],
    ['a quota elsewhere', { ref: web, message: quota }, ref('ResourceQuota', 'small', 'other'), undefined, false],
    [
      'a quota, and a field that is wrong',
      { ref: web, message: 'spec.replicas: must be positive' },
      ref('ResourceQuota', 'small', 'shop'),
      undefined,
      false,
    ],
    [
      'a definition that is widened',
      { ref: limit, message: 'spec.size: Unsupported value' },
      ref('CustomResourceDefinition', 'limits'),
      definition('bugs.example.test', 'Limit'),
      true,
    ],
    [
      'another definition',
      { ref: limit, message: 'spec.size: Unsupported value' },
      ref('CustomResourceDefinition', 'limits'),
      definition('other.example.test', 'Limit'),
      false,
    ],
    [
      'an account that is made',
      {
        ref: ref('Pod', 'p', 'shop'),
        message:
          'pods "p" is forbidden: error looking up service account shop/runner: serviceaccount "runner" not found',
      },
      ref('ServiceAccount', 'runner', 'shop'),
      undefined,
      true,
    ],
    [
      'a class that is made',
      { ref: ref('Pod', 'p', 'shop'), message: 'pods "p" is forbidden: no PriorityClass with name high was found' },
      ref('PriorityClass', 'high', undefined, 'scheduling.k8s.io/v1'),
      undefined,
      true,
    ],
    ['the policy itself', { ref: web, message: policy }, ref('ValidatingAdmissionPolicy', 'replicas'), undefined, true],
    [
      'its binding',
      { ref: web, message: policy },
      ref('ValidatingAdmissionPolicyBinding', 'replicas-shop'),
      undefined,
      true,
    ],
    ['another policy', { ref: web, message: policy }, ref('ValidatingAdmissionPolicy', 'images'), undefined, false],
    ['its parameters', { ref: web, message: policy, parameters }, ref('ConfigMap', 'limits', 'shop'), undefined, true],
    [
      'another ConfigMap',
      { ref: web, message: policy, parameters },
      ref('ConfigMap', 'app-env', 'shop'),
      undefined,
      false,
    ],
    ['the Service behind a webhook', silent, ref('Service', 'operator', 'ops'), undefined, true],
    ['the operator beside it', silent, ref('Deployment', 'operator', 'ops', 'apps/v1'), undefined, true],
    ['a workload elsewhere', silent, ref('Deployment', 'api', 'shop', 'apps/v1'), undefined, false],
    ['the configuration of the webhook', silent, ref('ValidatingWebhookConfiguration', 'w'), hooks, true],
    ['the object itself', silent, web, undefined, false],
  ])('%s', (_, refused, changed, object, expected) => {
    expect(broughtBy(refused, [{ ref: changed, object }])).toEqual(expected ? changed : undefined)
  })

  test('which policy says no', () => {
    expect(denyingPolicy(policy)).toEqual({ policy: 'replicas', binding: 'replicas-shop' })
    expect(denyingPolicy(quota)).toBeUndefined()
  })
})

// New volumes carry the directive in helm's patch; the API server reads it, and counts it as unknown.
test.each([
  ['unknown field "spec.color", unknown field "spec.size"', 'unknown field "spec.color", unknown field "spec.size"'],
  ['unknown field "spec.template.spec.volumes[2].$retainKeys"', undefined],
  ['unknown field "spec.$setElementOrder/volumes", unknown field "spec.color"', 'unknown field "spec.color"'],
])('what is dropped of %s', (told, dropped) => {
  expect(droppedFields(`Deployment in version "v1" cannot be handled: strict decoding error: ${told}`)).toBe(dropped)
})
