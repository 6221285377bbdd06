import { describe, expect, test } from '@jest/globals'
import { parseManifest } from '../../src/domain/manifest/parse.ts'
import { findTwice } from '../../src/domain/plan/twice.ts'

const one = (template: string, more: { apiVersion?: string; kind?: string; metadata?: object } = {}): string => {
  const { apiVersion = 'v1', kind = 'ConfigMap', metadata } = more
  return `---\n# Source: ${template}\n${JSON.stringify({ apiVersion, kind, metadata: { name: 'a', ...metadata } })}\n`
}
const hook = (events: string, policy?: string): object => ({
  annotations: { 'helm.sh/hook': events, ...(policy === undefined ? {} : { 'helm.sh/hook-delete-policy': policy }) },
})
const FREED = 'before-hook-creation,hook-succeeded'
const CRD = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }

function said(...releases: readonly string[]): string | undefined {
  const read = releases.map((text, at) => ({
    name: `r${at}`,
    rendered: parseManifest(text, 'shop', ({ kind }) => kind !== 'CustomResourceDefinition'),
  }))
  return findTwice(read)?.message
}

describe('one object from two templates', () => {
  test.each([
    ['of a chart', [one('c/a.yaml') + one('c/b.yaml')], 'by c/a.yaml and by c/b.yaml: helm would write both'],
    ['of one file', [one('c/a.yaml') + one('c/a.yaml')], 'twice by c/a.yaml'],
    [
      'of subcharts',
      [one('c/charts/x/a.yaml') + one('c/charts/y/a.yaml')],
      'by c/charts/x/a.yaml and by c/charts/y/a.yaml',
    ],
    ['of two releases', [one('c/a.yaml'), one('d/a.yaml')], 'by release r0 (c/a.yaml) and by release r1 (d/a.yaml)'],
    [
      'with and without its namespace',
      [one('c/a.yaml') + one('c/b.yaml', { metadata: { namespace: 'shop' } })],
      'and by c/b.yaml',
    ],
    [
      'in two versions of a group',
      [one('c/a.yaml', { apiVersion: 'g/v1' }) + one('c/b.yaml', { apiVersion: 'g/v2' })],
      'ConfigMap/a is rendered by c/a.yaml and by c/b.yaml',
    ],
    [
      'one of them in a list',
      [
        `${one('c/a.yaml')}---\n# Source: c/l.yaml\nkind: List\nitems: [ { apiVersion: v1, kind: ConfigMap, metadata: { name: a } } ]\n`,
      ],
      'and by c/l.yaml',
    ],
    [
      'as a definition of crds/ and of a template',
      [one('c/crds/a.yaml', CRD) + one('c/templates/a.yaml', CRD)],
      'is rendered by',
    ],
    [
      'as a hook after',
      [one('c/a.yaml') + one('c/h.yaml', { metadata: hook('post-upgrade', FREED) })],
      'the latter is a hook (post-upgrade), for which helm would delete the former',
    ],
    [
      'as a hook before that stays',
      [one('c/a.yaml') + one('c/h.yaml', { metadata: hook('pre-install') })],
      'the latter is a hook',
    ],
    [
      'as a hook of another release',
      [one('c/a.yaml'), one('d/h.yaml', { metadata: hook('pre-install', FREED) })],
      'the latter is a hook',
    ],
    [
      'as a hook for which data would go',
      [
        ['a', 'h']
          .map((name) =>
            one(`c/${name}.yaml`, {
              kind: 'PersistentVolumeClaim',
              metadata: name === 'h' ? hook('pre-install', FREED) : {},
            }),
          )
          .join(''),
      ],
      'the latter is a hook',
    ],
    [
      'and two more',
      [
        one('c/a.yaml') +
          one('c/b.yaml') +
          one('c/a.yaml', { metadata: { name: 'b' } }) +
          one('c/b.yaml', { metadata: { name: 'b' } }),
      ],
      '(and 1 more)',
    ],
  ])('%s is refused', (_, releases, message) => expect(said(...releases)).toContain(message))

  test.each([
    ['of two names', [one('c/a.yaml') + one('c/b.yaml', { metadata: { name: 'b' } })]],
    ['of two namespaces', [one('c/a.yaml') + one('c/b.yaml', { metadata: { namespace: 'other' } })]],
    ['of two groups', [one('c/a.yaml') + one('c/b.yaml', { apiVersion: 'g/v1' })]],
    ['definitions of crds/', [one('c/crds/a.yaml', CRD) + one('c/charts/x/crds/a.yaml', CRD)]],
    [
      'a hook before for which helm makes room',
      [one('c/a.yaml') + one('c/h.yaml', { metadata: hook('pre-install,pre-upgrade', FREED) })],
    ],
    ['a test', [one('c/a.yaml') + one('c/h.yaml', { metadata: hook('test') })]],
    [
      'two hooks',
      [one('c/a.yaml', { metadata: hook('pre-install') }) + one('c/b.yaml', { metadata: hook('pre-upgrade') })],
    ],
  ])('%s are two', (_, releases) => expect(said(...releases)).toBeUndefined())
})
