import { expect, test } from '@jest/globals'
import { parseConfig } from '../../src/domain/config/config.ts'
import { chartsBeside, keptChart } from '../../src/domain/init/kept-chart.ts'
import { movedName, openValues, valueTemplate, withTexts } from '../../src/domain/init/kept-values.ts'
import { releaseFile } from '../../src/domain/init/release-file.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const CHART = { metadata: { name: 'shop', version: '1.10', apiVersion: 'v2' } }
const file = (name: string, text = 'x') => ({ name, data: base64(text) })

test('a chart out of a record: what is kept as a file byte for byte, what is kept as values as YAML', () => {
  const binary = Buffer.from([0, 255, 10])
  const found = keptChart({
    ...CHART,
    templates: [file('templates/web.yaml', '{{ x }}\n')],
    files: [file('README.md'), { name: 'files/logo.png', data: binary.toString('base64') }],
    values: { a: 1, word: 'yes' },
    schema: base64('{}'),
    lock: { digest: 'd' },
  })
  if (typeof found === 'string') throw new Error(found)
  const texts = new Map(found.files.map(({ path, text }) => [path, Buffer.from(text)]))
  expect([...texts.keys()].toSorted()).toEqual(
    [
      ...['Chart.lock', 'Chart.yaml', 'README.md', 'files/logo.png', 'templates/web.yaml'],
      ...['values.schema.json', 'values.yaml'],
    ].toSorted(),
  )
  expect(texts.get('files/logo.png')).toEqual(binary)
  expect(String(texts.get('values.yaml'))).toContain('a: 1\nword: "yes"\n')
  expect(String(texts.get('Chart.yaml'))).toContain('version: "1.10"')
})

test.each([
  ['no chart', undefined],
  ['no Chart.yaml', { templates: [] }],
  ['a path upwards', { ...CHART, templates: [file('templates/../../x')] }],
  ['an absolute path', { ...CHART, files: [file('/etc/x')] }],
  ['a path of Windows', { ...CHART, files: [file('..\\x')] }],
  ['a control character', { ...CHART, files: [file('a\nb')] }],
  ['a file without data', { ...CHART, files: [{ name: 'x' }] }],
  ['two of one name', { ...CHART, files: [file('x'), file('x')] }],
])('%s: no chart is written', (_, kept) => {
  expect(keptChart(kept)).toEqual(expect.any(String))
})

test('charts within are told by Chart.yaml, and those beside it by what they rendered', () => {
  const dependencies = [{ name: 'redis', version: '1', alias: 'cache' }]
  const found = keptChart({ metadata: { ...CHART.metadata, dependencies } })
  if (typeof found === 'string') throw new Error(found)
  expect(found.within).toEqual(['redis', 'cache'])
  const manifest = ['shop/charts/cache/a.yaml', 'shop/charts/vendored/b.yaml', 'shop/templates/c.yaml']
  expect(chartsBeside(found, manifest.map((path) => `---\n# Source: ${path}\n`).join(''))).toEqual(['vendored'])
})

test('values that look like secrets are taken out; those behind them in a list keep their places', () => {
  const given = {
    auth: { password: 'a', username: 'app', existingSecret: 'my-secret', ttlSeconds: 5 },
    env: [
      { name: 'COLOUR', value: 'blue' },
      { name: 'API_TOKEN', value: 'b' },
    ],
    args: ['--token', 'c-long-enough', '--level=info'],
    url: 'postgres://app:d-long@db/app',
    config: 'level: info\npassword: e\n',
    key: '-----BEGIN PRIVATE KEY-----\nf\n-----END PRIVATE KEY-----\n',
    image: { tag: '0123456789abcdef0123456789abcdef01234567' },
    secret: { number: 42 },
  }
  const { open, moved } = openValues('my-shop', given)
  expect(open).toEqual({
    auth: { username: 'app', existingSecret: 'my-secret', ttlSeconds: 5 },
    env: [{ name: 'COLOUR', value: 'blue' }, { name: 'API_TOKEN' }],
    args: ['--token', '', '--level=info'],
    image: given.image,
    secret: {},
  })
  expect(moved.map((one) => [movedName(one), 'env' in one.from ? one.from.env : one.from.file])).toEqual([
    ['auth.password', 'MY_SHOP_AUTH_PASSWORD'],
    ['env[1].value', 'MY_SHOP_ENV_1_VALUE'],
    ['args[1]', 'MY_SHOP_ARGS_1'],
    ['url', 'MY_SHOP_URL'],
    ['config', 'secrets/my-shop-config'],
    ['key', 'secrets/my-shop-key'],
    ['secret.number', 'MY_SHOP_SECRET_NUMBER'],
  ])
  expect(withTexts({ secret: { number: 42 } }, moved.slice(-1))).toEqual({ secret: { number: '42' } })
  expect(moved[1] === undefined ? '' : valueTemplate(moved[1])).toBe('{{ index .Release.Config "env" 1 "value" }}')
})

test('two paths that would share a variable do not', () => {
  const { moved } = openValues('a', { 'x-password': 'one', x_password: 'two' })
  expect(moved.map(({ from }) => from)).toEqual([{ env: 'A_X_PASSWORD' }, { env: 'A_X_PASSWORD_2' }])
})

test.each([
  ['plain names', { release: 'web', namespace: 'shop', context: 'prod-eu', uid: 'a-b' }],
  ['names that YAML takes for something else', { release: '1234', namespace: 'on', context: 'kind: x', uid: '12' }],
  ['a cluster that has no name', { release: 'web', namespace: 'shop', context: undefined, uid: undefined }],
])('forge.yaml of a release with %s is valid', (_, names) => {
  const { moved } = openValues('web', { 'a.b': { password: 'p' } })
  const { text } = releaseFile({
    ...{ ...names, project: 'web', environment: 'prod', revision: 3, chart: './chart', values: 'values.yaml' },
    ...{ moved, numbers: [{ path: ['n'], digits: '20261126' }], ignoreVolatile: true, asTexts: false },
  })
  const { config } = parseConfig(text)
  const { releases = {} } = config
  expect(Object.keys(releases)).toEqual([names.release])
  expect(config.environments['prod']).toMatchObject({ namespace: names.namespace, protected: true })
  expect(releases[names.release]).toMatchObject({
    ignoreVolatile: true,
    set: { 'a\\.b.password': { env: 'WEB_A_B_PASSWORD', as: 'string' }, n: 20_261_126 },
  })
})
