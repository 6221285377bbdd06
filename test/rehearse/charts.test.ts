import { expect, test } from '@jest/globals'
import { rehearseChart } from '../support/rehearse-walk.ts'

/** With the habits that a rehearsal is likely to break. */
const NAMES = ['hooks', 'stateful', 'lookup-password', 'looked-up-certificate', 'node-agents', 'crds-folder']
const MORE = ['crds-templates', 'autoscaled', 'keep', 'own-namespaces', 'random-password']
/** With what a sandbox has otherwise: webhooks that nobody answers, an API that nobody serves. */
const FITTED = ['self-signed', 'api-service', 'certgen']

const cases = [...NAMES, ...MORE, ...FITTED].flatMap((name) => [4, 3].map((major) => [name, major] as [string, 3 | 4]))

test.each(cases)(
  'what a rehearsal says of %s is what its deploys do, with helm %i',
  async (name, major) => expect(await rehearseChart(name, major)).toEqual([]),
  300_000,
)
