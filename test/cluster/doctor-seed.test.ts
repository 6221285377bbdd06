import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { examine, type Found } from '../support/examined.ts'
import { homelabProject, type TestProject } from '../support/project.ts'

// The owner of examples/homelab wrote these first: each is named where it is written, with a command.
const HOME = 'clusters/um890/temporal'
const VALUES = `
    server:
      config:
        persistence:
          default:
            driver: sql
            sql: { driver: postgres, host: temporal-postgres-rw, database: temporal, password: "\${POSTGRES_PASSWORD}" }
          visibility:
            driver: sql
            sql:
              driver: postgres
              host: temporal-postgres-rw.temporal-system.svc.cluster.local
              database: temporal_visibility
              password: "\${POSTGRES_PASSWORD}"
`
const CHART = `  chart: { spec: { chart: temporal, version: 1.x, sourceRef: { kind: HelmRepository, name: temporal } } }
`

let project: TestProject
let namespace: string
let found: Found

beforeAll(async () => {
  namespace = freshNamespace('doctor-seed')
  project = await homelabProject(namespace)
  await project.write(
    `${HOME}/helmrelease.yaml`,
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: temporal }\nspec:\n${CHART}  values:${VALUES}`,
  )
  await project.write(
    `${HOME}/postgres-cluster.yaml`,
    `apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: temporal-postgres }
spec:
  instances: 0
  imageName: ghcr.io/cloudnative-pg/postgresql:latest
  postgresql: { parameters: { shared_preload_libraries: pg_stat_statements } }
  bootstrap: { initdb: { database: temporal, owner: temporal } }
  monitoring: { enabled: true }
  storage: { size: 1Gi }
`,
  )
  await project.write('chart/Chart.yaml', 'apiVersion: v2\nname: chart\nversion: 1.0.0\n')
  await project.write(
    'chart/templates/config.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config }\ndata: { a: b }\n',
  )
  await project.configure(['releases', 'temporal', 'chart'], 'chart')
  for (const key of ['components', 'stages', 'secrets']) await project.configure([key], {})
  await project.configure(['environments', 'sandbox'], { cluster: 'sandbox', namespace: `${namespace}-other` })
  await project.configure(['environments', 'um890'], {
    cluster: 'sandbox',
    namespace,
    requirements: { crds: [], operators: [], storageClass: 'any' },
  })
  found = await examine(project.dir, 'um890')
})

afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])
})

test.each<[string, RegExp, string, RegExp]>([
  [
    'a placeholder that nobody replaces',
    /persistence\.default\.sql\.password is \$\{POSTGRES_PASSWORD\}/u,
    `${HOME}/helmrelease.yaml:12`,
    /^forge render --release temporal --why server\.config\.persistence\.default\.sql\.password/u,
  ],
  [
    'a plugin that Temporal has no more',
    /visibility\.sql\.driver is postgres, .*postgres12/u,
    `${HOME}/helmrelease.yaml:16`,
    /^forge render .*--why server\.config\.persistence\.visibility\.sql\.driver/u,
  ],
  [
    'no instances',
    /spec\.instances of Cluster\/temporal-postgres is 0.*hibernation/u,
    `${HOME}/postgres-cluster.yaml:1`,
    /^forge pause Cluster\/temporal-postgres --env um890/u,
  ],
  [
    'a field that is none',
    /no field spec\.monitoring\.enabled/u,
    `${HOME}/postgres-cluster.yaml:1`,
    /^kubectl .* explain cluster\.spec\.monitoring --api-version=postgresql\.cnpg\.io\/v1/u,
  ],
  [
    'a parameter that is none',
    /shared_preload_libraries is none of spec\.postgresql\.parameters/u,
    `${HOME}/postgres-cluster.yaml:1`,
    /^kubectl .* explain cluster\.spec\.postgresql\.shared_preload_libraries/u,
  ],
  [
    'a database that nobody makes',
    /nothing makes the database temporal_visibility in Cluster\/temporal-postgres/u,
    `${HOME}/helmrelease.yaml:18`,
    /^kubectl .* explain database\.spec --api-version=postgresql\.cnpg\.io\/v1/u,
  ],
  [
    'a chart of any version',
    /HelmRelease\/temporal gets chart temporal in version 1\.x/u,
    `${HOME}/helmrelease.yaml:1`,
    /helm .* search repo temporal --versions/u,
  ],
  [
    'an image that floats',
    /spec\.imageName of Cluster\/temporal-postgres is ghcr\.io\/cloudnative-pg\/postgresql:latest/u,
    `${HOME}/postgres-cluster.yaml:1`,
    /^grep --line-number ghcr\.io\/cloudnative-pg\/postgresql:latest/u,
  ],
])('names %s', (_, text, where, hint) => {
  const lines = found.lines.filter((line) => text.test(line.text))
  expect(lines).toMatchObject([{ state: 'warning', where }])
  expect(lines[0]?.hint).toMatch(hint)
})

test('and the same once: the placeholder in two places, and the database that is made not at all', () => {
  expect(found.lines.filter(({ text }) => text.includes('POSTGRES_PASSWORD'))).toHaveLength(1)
  expect(found.lines.filter(({ text }) => text.includes('database temporal '))).toEqual([])
})

test('of the example as it is, none of it', async () => {
  const whole = await homelabProject(namespace)
  await whole.configure(['environments', 'um890', 'cluster'], 'sandbox')
  await whole.configure(['environments', 'um890', 'namespace'], namespace)
  const { lines } = await examine(whole.dir, 'um890')
  const mistakes = lines.filter(({ state, where }) => state === 'warning' && where?.startsWith(HOME) === true)
  expect(mistakes).toEqual([])
  expect((await forgeHere(['validate', '--env', 'um890', '-C', whole.dir])).status).toBe(0)
})
