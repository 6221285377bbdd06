import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { document, forge } from '../support/forge.ts'
import { CANARY, maliciousCheckout, VARIABLE } from '../support/malicious.ts'

interface Refusal {
  readonly verdict: {
    readonly code: string
    readonly problems: readonly { readonly where?: string; readonly message: string }[]
  }
}

const { dir, pwned, attacks } = await maliciousCheckout()
const KUBECONFIG = '/nowhere'
const env = { [VARIABLE]: CANARY, KUBECONFIG }

const COMMANDS = ['validate', 'render', 'plan', 'deploy', 'status', 'secrets diff', 'secrets generate']

test.each([
  ...COMMANDS.map((one) => [one, ['--untrusted'], {}] as const),
  ['plan', [], { FORGE_UNTRUSTED: '1' }] as const,
])('%s %s %j refuses every attack at its place, runs nothing and tells nothing', async (command, flags, more) => {
  const ran = await forge([...command.split(' '), ...flags, '-C', dir, '--json'], { env: { ...env, ...more } })
  const { verdict } = document<Refusal>(ran)
  expect({ status: ran.status, code: verdict.code }).toEqual({ status: 3, code: 'E_UNTRUSTED' })
  const places = verdict.problems.map(({ where = '' }) => where.replace(/:\d+$/u, ''))
  const missed = [...attacks].filter(([, place]) => !places.includes(place)).map(([name]) => name)
  expect({ missed, attacks: attacks.size }).toEqual({ missed: [], attacks: 32 })
  expect(existsSync(pwned)).toBe(false)
  expect(`${ran.stdout}${ran.stderr}`).not.toContain(CANARY)
})
