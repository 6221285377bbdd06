import { expect, test } from '@jest/globals'
import type { AccessRules } from '../../src/domain/access/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { ForgeError } from '../../src/errors.ts'
import { requireWithin } from '../../src/flows/look/allowed.ts'
import { forge } from '../../src/hint.ts'

const POD: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop' } }
const rule = (verbs: string[], resourceNames: string[] = []): AccessRules['rules'][number] => ({
  verbs,
  apiGroups: [''],
  resources: ['pods/exec'],
  resourceNames,
})

async function asked(rules: AccessRules | ForgeError, minor = 35, hasCheckout = true) {
  const places: string[] = []
  const cluster = {
    rules: async (namespace: string) => {
      places.push(namespace)
      if (rules instanceof ForgeError) throw rules
      return await Promise.resolve(rules)
    },
    version: async () => await Promise.resolve({ gitVersion: `v1.${minor}.2`, major: 1, minor }),
  }
  const signal = new AbortController().signal
  const error = await requireWithin(
    'pods/exec',
    POD,
    { checkout: hasCheckout ? {} : undefined, connected: { cluster } },
    signal,
  ).then(
    () => undefined,
    (why: unknown) => why,
  )
  expect(places).toEqual(['shop'])
  return error
}

test.each([
  ['all', [{ ...rule(['*']), resources: ['*'] }]],
  ['both', [rule(['get', 'create'])]],
  ['of this pod', [rule(['get', 'create'], ['web-1'])]],
])('goes on with rights to %s', async (_, rules) => {
  expect(await asked({ incomplete: false, rules })).toBeUndefined()
})

test.each([
  ['none', [], 'you may not get pods/exec in namespace shop, nor create pods/exec'],
  ['create alone', [rule(['create'])], 'you may not get pods/exec in namespace shop'],
  ['get alone', [rule(['get'])], 'you may not create pods/exec in namespace shop'],
  ['another pod', [rule(['get', 'create'], ['web-2'])], /nor create pods\/exec/u],
])('names the right that lacks: %s', async (_, rules, message) => {
  expect(await asked({ incomplete: false, rules })).toMatchObject({
    code: 'E_FORBIDDEN',
    message: expect.stringMatching(message),
    details: { hint: forge('rbac', '--for', 'look'), where: 'namespace shop' },
  })
})

test('before Kubernetes 1.35 a WebSocket is a get', async () => {
  expect(await asked({ incomplete: false, rules: [rule(['get'])] }, 34)).toBeUndefined()
})

test('without a checkout, which rbac needs, the right is asked for', async () => {
  expect(await asked({ incomplete: false, rules: [] }, 35, false)).toMatchObject({
    details: { hint: { kind: 'kubectl', args: ['auth', 'can-i', 'get', 'pods', '--subresource=exec'] } },
  })
})

test('where the cluster does not say, the connection tells', async () => {
  expect(await asked({ incomplete: true, rules: [] })).toBeUndefined()
  expect(await asked(new ForgeError('E_FORBIDDEN', 'may not ask', { hint: forge('status') }))).toBeUndefined()
})
