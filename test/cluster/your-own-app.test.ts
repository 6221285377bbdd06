import { afterAll, expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { walkOwnApp } from '../support/own-app-walk.ts'
import { testSandbox } from '../support/sandbox.ts'

const shop = freshNamespace('own')

afterAll(async () => {
  await kubectl(['delete', 'namespace', shop, `${shop}-compose`, '--ignore-not-found', '--wait=false'])
})

test('docs/your-own-app.md, followed to the letter', async () => {
  const { name } = await testSandbox()
  const { steps, shown } = await walkOwnApp({ shop, env: { FORGE_SANDBOX: name } })
  expect(steps).toBeGreaterThan(6)
  expect(shown('forge sandbox up')).toContain('Deployed #1 to sandbox')
  expect(shown('registry.invalid')).toContain('E_IMAGE_PULL')
  expect(shown('with-compose')).toContain('Deployed #1 to sandbox')
})
