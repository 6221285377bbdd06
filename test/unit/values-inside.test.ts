import { expect, test } from '@jest/globals'
import { configure, winner } from '../support/configure.ts'
import { failure } from '../support/project-ports.ts'

const HELM_RELEASE = `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: { name: temporal }
spec: { url: https://charts.example }
---
# the release itself
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: temporal }
spec:
  values:
    web: { replicas: 1 }
    server:
      version: "1.10"
`

test('values: the inside of a HelmRelease, of the document that has it, with its lines', async () => {
  const result = await configure('    values: [base.yaml, { yaml: helmrelease.yaml, path: spec.values }]\n', {
    'base.yaml': 'web: { replicas: 3, port: 80 }\n',
    'helmrelease.yaml': HELM_RELEASE,
  })
  expect(result.values).toEqual({ web: { replicas: 1, port: 80 }, server: { version: '1.10' } })
  expect(['web.replicas', 'web.port', 'server.version'].map((path) => winner(result, path))).toEqual([
    'helmrelease.yaml:12',
    'base.yaml:1',
    'helmrelease.yaml:14',
  ])
})

test('set: a value out of one of several documents', async () => {
  const result = await configure('    set: { url: { yaml: helmrelease.yaml, path: spec.url } }\n', {
    'helmrelease.yaml': HELM_RELEASE,
  })
  expect(result.values).toEqual({ url: 'https://charts.example' })
})

test.each([
  ['nothing there', 'spec.vales', 'E_SOURCE_MISSING', /helmrelease\.yaml has no spec\.vales \(values\)$/u],
  ['no map', 'spec.url', 'E_VALUES_SYNTAX', /^helmrelease\.yaml:4:14: spec\.url must be a map of values$/u],
  ['in two documents', 'metadata', 'E_VALUES_SYNTAX', /has metadata in several of its documents$/u],
])('values from the inside of a file: %s', async (_what, path, code, message) => {
  const more = `    values: [{ yaml: helmrelease.yaml, path: ${path} }]\n`
  expect(await failure(configure(more, { 'helmrelease.yaml': HELM_RELEASE }))).toMatchObject({
    code,
    message: expect.stringMatching(message) as unknown,
  })
})

test('a path is told by its place', async () => {
  expect(await failure(configure('    values: [{ yaml: h.yaml, path: "a..b" }]\n', {}))).toMatchObject({
    code: 'E_CONFIG_INVALID',
    message: 'forge.yaml:8:36: releases.api.values[0].path is not a valid path: "a..b"',
  })
})
