import { describe, expect, test } from '@jest/globals'
import { eventLines } from '../../src/domain/evidence/events.ts'
import { manifestYaml, objectYaml } from '../../src/domain/evidence/objects.ts'
import { failingPods, logSources } from '../../src/domain/evidence/pods.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { object, pod } from '../support/failing-pods.ts'

describe('what is shown', () => {
  const mask = new Redactor()
  mask.add('hunter2')

  test('a Secret shows its keys, not its data, nor what kubectl remembers of it', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"eA=="}}', team: 'x' }
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', annotations },
      data: { a: 'eA==' },
      stringData: { b: 'y' },
      type: 'Opaque',
    }
    const yaml = objectYaml(secret, mask)
    expect(yaml).toContain('a: (not shown)')
    expect(yaml).toContain('b: (not shown)')
    expect(yaml).toContain('team: x')
    expect(yaml).not.toContain('eA==')
    expect(yaml).not.toContain('last-applied')
  })

  test('Secrets inside a manifest, and inside a list of it, too; one that cannot be read is left out', () => {
    const manifest = [
      '---\n# Source: c/templates/a.yaml\napiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { a: eA== }\n',
      '---\napiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Secret, metadata: { name: t }, stringData: { b: plain } }\n',
      '---\nkind: Secret\n  bad: [\n',
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { p: hunter2 }\n',
    ].join('')
    const yaml = manifestYaml(manifest, mask)
    expect(yaml).toContain('# Source: c/templates/a.yaml')
    expect(yaml).not.toMatch(/eA==|plain|hunter2/u)
    expect(yaml).toContain('# left out: it may be a Secret and cannot be read')
    expect(yaml).toContain('data: { p: ••• }')
  })

  test.each([
    '{ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" }, "data": { "a": "eA==" } }',
    'apiVersion: v1\nkind: SecretList\nitems: [ { metadata: { name: s }, data: { a: eA== } } ]',
    'apiVersion: v1\nkind: !!str Secret\nmetadata: { name: s }\ndata: { a: eA== }',
  ])('a Secret is known however its kind is written: %s', (document) => {
    expect(manifestYaml(`---\n${document}\n`, mask)).not.toContain('eA==')
  })

  test('events in order of time, whichever field has it', () => {
    const event = (fields: Record<string, unknown>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', name: 'p' },
      ...fields,
    })
    expect(
      eventLines([
        event({
          type: 'Warning',
          reason: 'BackOff',
          message: 'Back-off\n  restarting',
          lastTimestamp: '2026-11-03T12:00:05Z',
          count: 3,
        }),
        event({ reason: 'Scheduled', message: 'ok', eventTime: '2026-11-03T12:00:01.123456Z', lastTimestamp: null }),
        event({ reason: 'Odd', message: 'no time' }),
        event({
          type: 'Warning',
          reason: 'Probe',
          message: 'x',
          eventTime: '2026-11-03T12:00:00Z',
          series: { count: 9, lastObservedTime: '2026-11-03T12:00:09Z' },
        }),
      ]),
    ).toEqual([
      '-                     Normal   Odd  Pod/p  no time',
      '2026-11-03T12:00:01Z  Normal   Scheduled  Pod/p  ok',
      '2026-11-03T12:00:05Z  Warning  BackOff  Pod/p  Back-off restarting (3 times)',
      '2026-11-03T12:00:09Z  Warning  Probe  Pod/p  x (9 times)',
    ])
  })

  test('which pods and which logs', () => {
    const done = object('Pod', 'done', 'job', { status: { phase: 'Succeeded' } })
    const broken = pod('broken', 'x', {
      web: {},
      init: { state: { terminated: { exitCode: 2 } } },
      late: { state: { waiting: {} } },
    })
    expect(failingPods([done, broken, pod('fine', 'x', { a: {} }, true)]).map(({ metadata }) => metadata.name)).toEqual(
      ['broken'],
    )
    expect(failingPods([done]).map(({ metadata }) => metadata.name)).toEqual(['done'])
    expect(logSources(broken)).toEqual({
      sources: [
        { container: 'web', previous: false },
        { container: 'init', previous: false },
      ],
      never: ['late'],
    })
  })
})
