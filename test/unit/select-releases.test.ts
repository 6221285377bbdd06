import { describe, expect, test } from '@jest/globals'
import { releaseNames, selectReleases, type Choice } from '../../src/domain/config/select.ts'
import type { JournalEntry, JournalRelease } from '../../src/domain/journal/model.ts'
import { carriedRelease } from '../../src/domain/journal/left-out.ts'
import { changesLine } from '../../src/screen/changes.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { resolveConfiguration } from '../../src/flows/project/configuration.ts'
import { entry } from '../support/journal-entry.ts'
import { failure, memoryFiles, projectPorts } from '../support/project-ports.ts'

const FORGE = `version: 1
project: shop
environments: { dev: { cluster: sandbox } }
releases:
  web: { chart: ./chart, needs: [ api ] }
  api: { chart: ./chart, needs: [ db ] }
  db: { chart: ./chart }
  mail: { chart: ./chart }
images:
  shared: { ref: 'shared:1', to: [ web:image, mail:image ] }
  mail: { ref: 'mail:1', to: mail:sidecar }
`
const CHART = { 'chart/Chart.yaml': 'name: x\nversion: 1.0.0\n', 'chart/values.yaml': '' }
const ports = projectPorts(memoryFiles({ 'forge.yaml': FORGE, ...CHART }))
const load = async (choice: Choice & { set?: readonly string[] }) => await loadProject(ports, { dir: '/p', ...choice })

describe('--release', () => {
  test.each<[Choice, string[], string[]]>([
    [{}, ['db', 'api', 'web', 'mail'], ['shared web,mail', 'mail mail']],
    [{ release: ['web'] }, ['db', 'api', 'web'], ['shared web']],
    [{ release: ['web'], only: true }, ['web'], ['shared web']],
    [{ release: ['web', 'db'], only: true }, ['db', 'web'], ['shared web']],
    [{ release: ['db'] }, ['db'], []],
    [{ release: ['mail', 'web'] }, ['db', 'api', 'web', 'mail'], ['shared web,mail', 'mail mail']],
  ])('%j', async (choice, releases, images) => {
    const project = await load(choice)
    expect(project.releases.map(({ name }) => name)).toEqual(releases)
    const targets = project.images.map(({ name, to }) => `${name} ${to.map(({ release }) => release).join(',')}`)
    expect(targets).toEqual(images)
    expect(releaseNames(project).toSorted()).toEqual(['api', 'db', 'mail', 'web'])
  })

  test('a name that is none is told with the nearest', async () => {
    const error = await failure(load({ release: ['web', 'mial'] }))
    expect([error.code, error.message]).toEqual([
      'E_RELEASE_UNKNOWN',
      'forge.yaml has no release "mial"; did you mean "mail"?',
    ])
    expect(error.hint).toContain('--release web --release mail')
  })

  test.each<[Choice & { set: readonly string[] }, Record<string, unknown>, string[]]>([
    [
      { set: ['a=1'] },
      { db: 1, api: 1, web: 1, mail: 1 },
      ['--set a reaches db, api, web, mail; --set db:a=… sets it in one'],
    ],
    [{ release: ['web'], set: ['a=1'] }, { db: undefined, api: undefined, web: 1 }, []],
    [{ release: ['web'], set: ['db:a=1'] }, { db: 1, api: undefined, web: undefined }, []],
    [
      { release: ['web', 'db'], set: ['a=1'] },
      { db: 1, api: undefined, web: 1 },
      ['--set a reaches web, db; --set web:a=… sets it in one'],
    ],
  ])('%j', async (choice, values, warnings) => {
    const found = await resolveConfiguration(await load(choice), ports)
    expect(Object.fromEntries([...found].map(([name, one]) => [name, one.values['a']]))).toEqual(values)
    expect([...found.values()][0]?.warnings?.map(({ message }) => message)).toEqual(warnings)
  })

  test('a value for what is left out is refused', async () => {
    const error = await failure(resolveConfiguration(await load({ release: ['web'], set: ['mail:a=1'] }), ports))
    expect([error.code, error.message]).toEqual(['E_USAGE', '--set is for release mail, which --release leaves out'])
  })
})

describe('what an entry says of a release that its deploy leaves', () => {
  const release = (more: Partial<JournalRelease>): Partial<JournalEntry> => ({
    releases: [{ name: 'web', namespace: 'n', ...more }],
    configuration: {
      releases: [{ name: 'web', chart: String(more.revisionAfter), values: {} }],
      stages: [],
      verify: [],
    },
  })
  const [first, second] = [
    entry(1, 'deployed', release({ revisionAfter: 1 })),
    entry(2, 'failed', release({ revisionAfter: 2 })),
  ]
  const record = (revision: number, status: string, description = '') => ({ revision, status, description })
  const carried = (...history: ReturnType<typeof record>[]) =>
    carriedRelease({ name: 'web', namespace: 'n', history }, [second, first])

  test.each([
    ['the deploy that made it', [record(2, 'deployed')], { revisionAfter: 2, deploy: 2, chart: '2' }],
    [
      'a copy of an older revision',
      [record(3, 'deployed', 'Rollback to 1'), record(2, 'superseded'), record(1, 'superseded')],
      { revisionAfter: 3, deploy: 1, chart: '1' },
    ],
    ['one that nobody knows', [record(9, 'deployed')], { revisionAfter: 9, deploy: 2, chart: '2' }],
    [
      'one that failed',
      [record(3, 'failed'), record(1, 'deployed')],
      { revisionAfter: undefined, deploy: 1, chart: '1' },
    ],
  ])('%s', (_, history, { revisionAfter, deploy, chart }) => {
    const found = carried(...history)
    expect(found?.release).toMatchObject({ revisionBefore: history[0]?.revision, leftOut: { deploy } })
    expect([found?.release.revisionAfter, found?.configuration?.chart]).toEqual([revisionAfter, chart])
  })

  test('the deploy that made it is known through others that left it', () => {
    const leftOut = { deploy: 1, at: first.startedAt }
    const later = entry(5, 'deployed', release({ revisionBefore: 1, revisionAfter: 1, leftOut }))
    const found = carriedRelease({ name: 'web', namespace: 'n', history: [record(1, 'deployed')] }, [later, first])
    expect(found?.release.leftOut).toEqual(leftOut)
  })

  test.each([
    ['never installed', []],
    ['uninstalled, with its history', [record(2, 'uninstalled')]],
  ])('nothing where it is %s', (_, history) => expect(carried(...history)).toBeUndefined())

  test('nor of one that the project never deployed', () =>
    expect(carriedRelease({ name: 'api', namespace: 'n', history: [record(1, 'deployed')] }, [first])).toBeUndefined())
})

test('the history says which releases were deployed', () => {
  const nothing = { first: false, target: undefined, plans: [], restarts: [], secrets: [] }
  expect(changesLine({ ...nothing, only: ['web', 'db'] })).toBe('only web, db')
  expect(changesLine({ ...nothing, only: ['web'], first: true })).toBe('only web: first install of 0 objects')
})

test('selecting nothing leaves the project as it is', async () => {
  const project = await load({})
  expect(selectReleases(project, { only: true })).toBe(project)
})
