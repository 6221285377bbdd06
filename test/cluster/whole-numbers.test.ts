import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { join } from 'node:path'
import { forge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { projectOf } from '../support/project.ts'

const TEXTS = [
  ...['0', '+5', '-07', '007', '20261126', '9007199254740993', '-9223372036854775808', '9223372036854775808'],
  ...['1e3', '1.5', 'False', 'null'],
]
const TEMPLATE = 'text: "{{ .Values.tag }}"\nkind: {{ kindOf .Values.tag }}\njson: {{ toJson .Values }}\n'

/** What the templates see: helm's own `--set` is the measure. */
const read = (manifest: string): string[] => manifest.split('\n').filter((line) => /^(?:text|kind|json):/u.test(line))

test.each([3, 4] as const)('a single value has the type that helm %i gives it with --set', async (major) => {
  const helm = await helmOf(major)
  const project = await projectOf({
    'forge.yaml': `version: 1
project: numbers
environments: { test: { cluster: sandbox } }
releases: { numbers: { chart: ./chart, values: [values.yaml], set: { tag: { env: TAG } } } }
`,
    'values.yaml': 'list: [ { a: 1 } ]\n',
    'chart/Chart.yaml': 'apiVersion: v2\nname: numbers\nversion: 0.1.0\n',
    'chart/templates/all.yaml': TEMPLATE,
  })
  const rendered = async (flags: readonly string[], tag: string): Promise<string[]> => {
    const args = ['render', '--env', 'test', '-C', project.dir, ...flags]
    const { stdout, stderr } = await forge(args, { env: { FORGE_HELM: helm, TAG: tag } })
    return stdout === '' ? [stderr] : read(stdout)
  }
  for (const text of TEXTS) {
    const more = ['--set', `list[0].b=${text},x\\.y.z={${text},u}`]
    const values = ['--values', join(project.dir, 'values.yaml')]
    const own = await execa(helm, [
      'template',
      'numbers',
      join(project.dir, 'chart'),
      ...values,
      ...more,
      '--set',
      `tag=${text}`,
    ])
    expect(await rendered([...more, '--set', `tag=${text}`], 'other')).toEqual(read(own.stdout))
    expect(await rendered(more, text)).toEqual(read(own.stdout))
  }
})
