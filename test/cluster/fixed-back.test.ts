import { expect, test } from '@jest/globals'
import { object } from '../support/cluster.ts'
import * as sample from '../support/manifests.ts'
import { deployed } from '../support/small-deployed.ts'

const settings = (level: string, more = {}) => sample.configMap('settings', { level }, more)

test.each([3, 4] as const)(
  'what a failed deploy has made immutable goes, and comes back as it was (helm %i)',
  async (helm) => {
    const small = await deployed(`fixed${helm}`, helm, [settings('1'), sample.web()])
    const before = (await object('configmap', 'settings', small.namespace))?.metadata.uid
    await small.render([settings('2', { immutable: true }), sample.web({ image: 'none.invalid/web:2' })])
    const { status, report } = await small.deploy('--timeout', '10s')
    expect({ status, outcome: report.outcome }).toEqual({
      status: 4,
      outcome: 'restored',
    })
    const after = await object('configmap', 'settings', small.namespace)
    expect(after?.metadata.uid).not.toBe(before)
    expect(after).toMatchObject({ data: { level: '1' } })
    expect(after).not.toHaveProperty('immutable')
  },
)
