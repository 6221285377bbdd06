import { expect, test } from '@jest/globals'
import { helmEnvironment } from '../../src/adapters/helm/environment.ts'

test.each([
  ['seldom collects, and holds little', {}, { GOGC: '400', GOMEMLIMIT: '224MiB' }],
  ['does as its user says', { GOGC: '50', GOMEMLIMIT: '1GiB' }, { GOGC: '50', GOMEMLIMIT: '1GiB' }],
  ['is led nowhere else', { HELM_KUBETOKEN: 'x' }, { HELM_KUBETOKEN: undefined }],
])('helm %s', (_, env, expected) => expect(helmEnvironment(env)).toMatchObject(expected))
