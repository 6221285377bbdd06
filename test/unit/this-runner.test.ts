import { hostname } from 'node:os'
import { expect, test } from '@jest/globals'
import { thisRunner } from '../../src/cli/this-runner.ts'

test.each([{}, { FORGE_HOLDER: '' }])('who deploys is the user on this host (%p)', (env) => {
  expect(thisRunner(env)).toMatchObject({ identity: expect.stringMatching(`@${hostname()}$`), pid: process.pid })
})

test.each(['deploy-prod-x7k2p', 'argo/deploy prod: #42', 'ops@ci'])('or whom FORGE_HOLDER names: %s', (name) => {
  expect(thisRunner({ FORGE_HOLDER: name }).identity).toBe(name)
})

test.each(['two\nlines', ' ', '\u001b[31mred', '{{workflow.name}}', 'x'.repeat(254)])('%j is nobody', (name) => {
  expect(() => thisRunner({ FORGE_HOLDER: name })).toThrow(
    expect.objectContaining({
      code: 'E_USAGE',
      message: expect.stringContaining('FORGE_HOLDER is to say who deploys'),
    }),
  )
})
