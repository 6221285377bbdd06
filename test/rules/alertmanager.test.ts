import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { goProgram } from '../../bench/go-program.ts'
import { ROOT } from '../support/forge.ts'

const AMTOOL = {
  module: 'github.com/prometheus/alertmanager/cmd/amtool',
  version: 'v0.34.1',
  takes: 'two minutes and more',
}
const CONFIG = join(ROOT, 'k8s', 'monitoring', 'alertmanager.yaml')

/** Alertmanager's own tool: that of FORGE_TEST_AMTOOL, or built once. */
async function amtool(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.env['FORGE_TEST_AMTOOL'] ?? (await goProgram(AMTOOL)), args)
  return stdout
}

test('Alertmanager takes its example', async () => {
  expect(await amtool('check-config', CONFIG)).toMatch(/SUCCESS[^]*2 inhibit rules[^]*3 receivers/u)
})

test.each([
  ['critical', 'pagerduty'],
  ['warning', 'pagerduty-low'],
  ['none', 'nobody'],
])('an alert of severity %s goes to %s', async (severity, receiver) => {
  expect(await amtool('config', 'routes', 'test', '--config.file', CONFIG, `severity=${severity}`)).toBe(receiver)
})

test('the routing key stands in neither example', async () => {
  for (const file of ['alertmanager.yaml', 'alertmanager-config.yaml']) {
    const text = await readFile(join(ROOT, 'k8s', 'monitoring', file), 'utf8')
    expect(text).not.toMatch(/routing_?key: *['"]?[\w-]+['"]?$/imu)
    expect(text.match(/routing_key_file:|routingKey: \{ name:/gu)?.length).toBeGreaterThan(0)
  }
})
