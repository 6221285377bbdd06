import { expect, test } from '@jest/globals'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import { pathsIn } from '../../src/domain/trust/refused.ts'
import { minimal } from '../support/sample-config.ts'

const MORE = `
releases:
  worker:
    chart: ../charts/{env}/worker
    values: ['deploy/values.{env}.yaml', { yaml: 'clusters/{env}/hr.yaml', path: spec.values }]
    set:
      said: '{env}'
      read: { file: 'versions/{env}' }
      literal: { literal: '{env}' }
    configMaps:
      app:
        dotenv: '.env.{env}'
        set: { TEXT: '{env}', READ: { yaml: 'c.{env}.yaml', path: 'a.{env}' } }
        files:
          a: 'files/{env}'
          b: { file: b, transform: { module: 'lib/{env}.js' } }
  plain: { manifests: ['k8s/{env}/*.yaml', common] }
  built: { kustomization: 'overlays/{env}' }
secrets:
  keys: { each: 'keys/{env}/{key}', keys: [one] }
  tls: { type: tls, cert: 'certs/{env}.crt', key: '{env}.key', generate: { ca: 'ca/{env}', hosts: [db] } }
  deep: { files: { x: { sops: '{env}.enc.yaml', path: '{env}' } } }
images:
  app:
    build: { context: 'apps/{env}', dockerfile: 'Dockerfile.{env}', args: { E: '{env}', F: { dotenv: '.{env}', name: F } } }
    to: worker:app.image
`

const resolved = (environment: string) =>
  resolveProject(parseConfig(`${minimal}${MORE}`), environment, { file: '/p/forge.yaml', dir: '/p' })

test('{env} in every path is the name of the environment, and stays what it is elsewhere', () => {
  const project = resolved('dev')
  expect(pathsIn(project).map(({ path }) => path)).toEqual([
    'versions/dev',
    'c.dev.yaml',
    'files/dev',
    'b',
    'keys/dev/one',
    'certs/dev.crt',
    'dev.key',
    'dev.enc.yaml',
    '.dev',
    '/charts/dev/worker',
    'deploy/values.dev.yaml',
    'clusters/dev/hr.yaml',
    '.env.dev',
    'k8s/dev',
    'common',
    'overlays/dev',
    'apps/dev',
    'apps/dev/Dockerfile.dev',
    'ca/dev',
  ])
  const [release] = project.releases
  expect(release?.set.map(({ source }) => source)).toMatchObject([
    { kind: 'literal', value: '{env}' },
    { kind: 'file' },
    { kind: 'literal', value: '{env}' },
  ])
  expect(release?.configMaps[0]?.set.map(({ source }) => source)).toMatchObject([
    { kind: 'literal', value: '{env}' },
    { kind: 'yaml', path: 'a.{env}' },
  ])
  expect(release?.configMaps[0]?.files[1]?.transform).toMatchObject([{ file: 'lib/dev.js' }])
  expect(project.images[0]?.from).toMatchObject({ args: [{ source: { value: '{env}' } }, {}] })
})
