import { describe, expect, test } from '@jest/globals'
import { loadEnvironments, loadProject } from '../../src/flows/project/load.ts'
import { validateProject } from '../../src/flows/validate.ts'
import { failure, memoryFiles, projectPorts } from '../support/project-ports.ts'

const head = 'version: 1\nproject: demo\nenvironments:\n  dev: { cluster: sandbox }\n'
const chart = { 'chart/Chart.yaml': 'name: demo\n' }

describe('finding forge.yaml', () => {
  const files = memoryFiles({ 'forge.yaml': head, 'a/b/x': '' })
  test('here or in a folder above', async () => {
    const ports = projectPorts({ ...files, resolve: (path) => (path === '.' ? '/p/a/b' : path) })
    expect(await loadProject(ports, {})).toMatchObject({ file: '/p/forge.yaml', dir: '/p', name: 'demo' })
  })
  test.each([
    ['-C names the folder itself', '/p/a', 'there is no forge.yaml in /p/a'],
    ['nowhere', undefined, 'there is no forge.yaml in /elsewhere or above it'],
  ])('%s', async (_, dir, message) => {
    const ports = projectPorts({ ...files, resolve: (path) => (path === '.' ? '/elsewhere' : path) })
    expect(await failure(loadProject(ports, { dir }))).toMatchObject({ code: 'E_CONFIG_MISSING', message })
  })
  test('FORGE_ENV, unless --env says otherwise', async () => {
    const two = memoryFiles({ 'forge.yaml': `${head}  qa: {}\ndefaultEnvironment: dev\n` })
    const ports = projectPorts(two, { env: { FORGE_ENV: 'qa' } })
    expect((await loadProject(ports, { dir: '/p' })).environment.name).toBe('qa')
    expect((await loadProject(ports, { dir: '/p', env: 'dev' })).environment.name).toBe('dev')
  })
  test('a chart that is not there', async () => {
    const ports = projectPorts(memoryFiles({ 'forge.yaml': `${head}releases: { api: { chart: ./chart } }\n` }))
    expect(await failure(loadEnvironments(ports, '/p'))).toMatchObject({
      code: 'E_CHART_MISSING',
      message: 'forge.yaml:5:27: chart has no Chart.yaml (chart of release api)',
    })
  })
})

test('validate: every environment, without what only its machine has', async () => {
  const text = `${head}  prod: { protected: true, cluster: { context: p } }\nreleases:\n  api:\n    chart: ./chart\n    set: { tag: { env: CI_TAG } }\n    configMaps: { m: { files: { k: { command: [x, y] } } } }\nsecrets: { s: { files: { k: none.txt } } }\n`
  const report = await validateProject(projectPorts(memoryFiles({ 'forge.yaml': text, ...chart })), { dir: '/p' })
  expect(
    report.environments.map(({ name, cluster, configMaps, secrets }) => [name, cluster, configMaps, secrets]),
  ).toEqual([
    ['dev', 'sandbox', 1, 1],
    ['prod', 'p', 1, 1],
  ])
})

test.each([
  ['releases.api.stages', 'environments: { dev: {} }\nreleases: { api: { chart: ./chart, stages: { a: {} } } }\n'],
])('%s is valid, and not silently without effect', async (key, text) => {
  const ports = projectPorts(memoryFiles({ 'forge.yaml': `version: 1\nproject: demo\n${text}`, ...chart }))
  expect(await failure(validateProject(ports, { dir: '/p' }))).toMatchObject({
    code: 'E_NOT_SUPPORTED',
    message: `${key} is valid, but this version of forge cannot carry it out yet`,
  })
})
