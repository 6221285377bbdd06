import { describe, expect, test } from '@jest/globals'
import { basesOf } from '../../src/domain/images/bases.ts'
import { app, DIGEST as OLD, FakeRegistry, OTHER, prepare, taggedBy } from '../support/images-scene.ts'

const REQUEST = { args: {}, platforms: ['linux/amd64'], builds: 'linux/amd64', contexts: [] }
const DIGEST = `sha256:${'a'.repeat(64)}`

describe('images that a Dockerfile takes from elsewhere', () => {
  test.each([
    ['FROM node:24', ['node:24']],
    ['FROM scratch', []],
    [`FROM node:24@${DIGEST}`, []],
    ['from Node\nFROM node', ['node']],
    [
      '# FROM no:1\n\nFROM --platform=$BUILDPLATFORM golang:1 AS build\nFROM build\nCOPY --from=build /a /b',
      ['golang:1'],
    ],
    ['FROM a:1 AS Build\nFROM bUILD\nCOPY --from=0 /a /', ['a:1']],
    // Only what stands above is a stage.
    ['FROM late\nFROM a:1 AS late', ['late', 'a:1']],
    ['FROM a:1\nCOPY --chown=1:1 --from=ghcr.io/acme/tools:2 /a /b', ['a:1', 'ghcr.io/acme/tools:2']],
    ['FROM a:1\nRUN --mount=type=cache,target=/c --mount=type=bind,from=b:2,target=/x make', ['a:1', 'b:2']],
    ['ARG V=24\nFROM node:${V}-alpine', ['node:24-alpine']],
    ['ARG V="24"\nARG BASE=node:$V\nFROM $BASE', ['node:24']],
    ['FROM node:${V:-22}', ['node:22']],
    ['ARG V=24\nFROM "node:${V}" AS "one"\nCOPY --from=\'b:2\' a b', ['node:24', 'b:2']],
    ['FROM base-${TARGETARCH}:1', ['base-amd64:1']],
    ['FROM a:1 \\\n  AS one\nFROM one', ['a:1']],
    ['# escape=`\nFROM a:1 `\n AS one\nFROM one', ['a:1']],
    ['FROM a:1\nRUN <<END\nFROM no:1\nCOPY --from=no:2 a b\nEND\nCOPY --from=c:3 a b', ['a:1', 'c:3']],
    ['FROM a:1\nONBUILD COPY . .\nLABEL text="FROM no:1"', ['a:1']],
    ['FROM localhost:5000/base', ['localhost:5000/base']],
  ])('%j: %j', (text, floating) => {
    expect(basesOf(text, REQUEST)).toEqual({ floating, unknown: [] })
  })

  test('arguments that are given go before what the Dockerfile says', () => {
    const text = 'ARG V=22\nFROM node:$V'
    expect(basesOf(text, { ...REQUEST, args: { V: '24' } }).floating).toEqual(['node:24'])
  })

  test('each platform has its own', () => {
    const platforms = ['linux/amd64', 'linux/arm64']
    expect(basesOf('FROM base-$TARGETARCH', { ...REQUEST, platforms }).floating).toEqual(['base-amd64', 'base-arm64'])
  })

  test('another context of that name is no image', () => {
    expect(
      basesOf('FROM node:24\nCOPY --from=files a b', { ...REQUEST, contexts: ['files', 'node:24'] }).floating,
    ).toEqual([])
  })

  test('a variable that is not set names no image that is known', () => {
    expect(basesOf('ARG V\nFROM node:$V', REQUEST)).toEqual({ floating: [], unknown: ['node:$V'] })
  })
})

describe('a base in the tag of a build', () => {
  test('a base is in the tag by its digest, and the builder is given that one; its registry is asked once', async () => {
    const registry = new FakeRegistry()
    registry.knows = { 'node:24': { is: 'there', digest: OTHER } }
    const files = { '/p/docker/Dockerfile': 'FROM node:24\nFROM scratch\nCOPY --from=0 a b' }
    const two = { ...app, name: 'two', repository: 'ghcr.io/acme/two' }
    const { builder, result } = prepare([app, two], {}, { registry, files })
    const before = (await result).refs.get('app')?.split('@')[0]
    expect(builder.builds.map(({ bases }) => bases)).toEqual(
      Array.from({ length: 2 }, () => ({ 'node:24': `docker.io/library/node@${OTHER}` })),
    )
    expect(registry.asked.filter((ref) => ref === 'node:24')).toHaveLength(1)
    registry.knows = { 'node:24': { is: 'there', digest: OLD } }
    const after = await taggedBy(app, { registry, files })
    expect(after).not.toBe(before)
  })

  test('a base whose registry does not say is in the tag by its name, which is a warning', async () => {
    const registry = new FakeRegistry()
    registry.knows = { 'node:24': { is: 'unknown', why: 'it is busy' } }
    const files = { '/p/docker/Dockerfile': 'ARG V\nFROM node:24\nCOPY --from=tools:$V a b' }
    const { warnings } = await prepare([app], {}, { registry, files }).result
    expect(warnings).toEqual([
      'image app: its base tools:$V is in the tag by its name alone (a variable in it is not set)',
      'image app: its base node:24 is in the tag by its name alone (it is busy)',
    ])
  })
})
