import { expect, test } from '@jest/globals'
import { forge, hintLine } from '../../src/hint.ts'
import { foundValuesRows } from '../../src/screen/found-values.ts'
import { fitted, fittedAll } from '../../src/screen/fit.ts'
import { headRow } from '../../src/screen/head.ts'

test('a row that is too long goes on under its text, and a command stays one', () => {
  expect(fitted('Adopted    3 objects, in place', 30)).toEqual(['Adopted    3 objects, in place'])
  expect(fitted('Restarted  api  checksum/config, envFrom and 7 more', 41)).toEqual([
    'Restarted  api  checksum/config, envFrom',
    '                and 7 more',
  ])
  expect(fitted('Values     resources.limits.memory  Deployment/web spec.template', 48)).toEqual([
    'Values     resources.limits.memory',
    '           Deployment/web spec.template',
  ])
  expect(fitted('           db  ports, env, spec.terminationGracePeriodSeconds', 50)).toEqual([
    '           db  ports, env,',
    '               spec.terminationGracePeriodSeconds',
  ])
  expect(fitted('Undo       forge migrate-to-helm --undo --env prod', 40)).toEqual([
    'Undo       forge migrate-to-helm \\',
    '           --undo --env prod',
  ])
  expect(fitted('Migrated test to Helm as #1 in 5.2 s. Everything is ready.', 40)).toEqual([
    'Migrated test to Helm as #1 in 5.2 s.',
    'Everything is ready.',
  ])
})

test('a head breaks between its parts alone, and names stand under names where there is room', () => {
  const head = headRow({ project: 'shop', environment: 'prod', cluster: 'prod-eu (simulated)', namespace: 'shop-prod' })
  expect(fittedAll([head], 80)).toEqual(['shop → prod   cluster prod-eu (simulated)   namespace shop-prod'])
  expect(fittedAll([head], 50)).toEqual([
    'shop → prod   cluster prod-eu (simulated)',
    '              namespace shop-prod',
  ])
  expect(fittedAll([head], 30)).toEqual(['shop → prod', '    cluster prod-eu (simulated)', '    namespace shop-prod'])
  expect(fittedAll(['cluster forge-sandbox-dev   namespace a-namespace'], 40)).toEqual([
    'cluster forge-sandbox-dev',
    '    namespace a-namespace',
  ])
})

test('what stands behind a mark goes on under it, also where a name leaves no room beside it', () => {
  const claim = '= PersistentVolumeClaim/postgres-data  10Gi  of release api-forge: stays, with its data'
  expect(fittedAll([claim], 60)).toEqual([
    '= PersistentVolumeClaim/postgres-data  10Gi  of release',
    '  api-forge: stays, with its data',
  ])
  expect(fittedAll(['  deploy              Reach the new state and prove it, or return'], 56)).toEqual([
    '  deploy              Reach the new state and prove it,',
    '                      or return',
  ])
})

test('no line is spent on a word of a command that is too long for any', () => {
  expect(fittedAll(['Look       export KUBECONFIG=/root/.local/state/forge/sandbox/dev/kubeconfig'], 50)).toEqual([
    'Look       export KUBECONFIG=/root/.local/state/forge/sandbox/dev/kubeconfig',
  ])
})

test('what gives a stack back is told without the values that it was taken over with', () => {
  const given = { env: 'prod', values: ['live.yaml'], set: ['a=1'] }
  const place = { typed: ['migrate-to-helm'], given, cluster: undefined, helm: undefined, conceals: () => false }
  expect(hintLine(forge('migrate-to-helm', '--undo', '--env', 'prod'), place)).toBe(
    'forge migrate-to-helm --undo --env prod',
  )
  expect(hintLine(forge('migrate-to-helm', '--env', 'prod'), place)).toContain('--values live.yaml --set a=1')
})

test('of many values that were found some are shown, and the file has them all', () => {
  const left = Array.from({ length: 100 }, (_, at) => ({
    object: `ConfigMap/${at}`,
    field: '',
    because: 'not rendered',
  }))
  const rows = foundValuesRows(
    { written: [], left, file: 'live.yaml', renders: 1, before: 100, after: 100 },
    'test',
    'next',
  )
  expect(rows.length).toBeLessThan(20)
  expect(rows).toContain('           and 88 more, all in the file')
})
