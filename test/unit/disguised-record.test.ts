import { describe, expect, test } from '@jest/globals'
import { disguisedScene } from '../../src/adapters/helm/disguised-record.ts'
import { packRecord, readRecord } from '../../src/adapters/helm/record-content.ts'
import { rehearsalKey } from '../../src/adapters/rehearsal-key.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { loadHelmYaml, splitDocuments } from '../../src/domain/manifest/yaml.ts'
import { NEVER_ASKED } from '../../src/domain/rehearsal/fittings.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { createDisguise, type Disguise } from '../../src/domain/rehearsal/disguise.ts'
import { canary, search } from '../support/canaries.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

function disguise(): Disguise {
  return createDisguise({ keyed: rehearsalKey(), redactor: new Redactor() })
}

describe("helm's records", () => {
  const secrets = { value: canary('value'), data: canary('data'), text: canary('text'), note: canary('note') }
  const { value, data, text, note } = secrets
  const manifest = [
    '---\n# Source: web/templates/secret.yaml\napiVersion: v1\nkind: Secret\nmetadata: { name: web } # a comment',
    `data:\n  key: ${base64(data.value)}\nstringData:\n  text: ${JSON.stringify(text.value)}`,
    '---\n# Source: web/templates/map.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map\ndata:\n  a: b # kept\n',
  ].join('\n')
  const content = {
    ...{ name: 'web', version: 2, namespace: 'shop', apply_method: 'ssa' },
    info: { status: 'deployed', description: 'Upgrade complete', notes: `Log in with ${text.value}.` },
    chart: {
      metadata: { name: 'web', version: '1.0.0' },
      templates: [{ name: 'templates/x.yaml', data: base64(`# ${data.value}\n`) }],
      values: { image: { tag: note.value } },
      schema: null,
    },
    config: { auth: { password: value.value }, image: { tag: 'v1.2.3' }, replicas: 3, extra: [note.value, null] },
    manifest,
    hooks: [
      { name: 'h', kind: 'Secret', manifest: manifest.replace('name: web', 'name: hook'), events: ['pre-install'] },
    ],
  }
  const record = (release: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'sh.helm.release.v1.web.v2',
      namespace: 'shop',
      labels: { name: 'web', version: '2', owner: 'helm' },
    },
    type: 'helm.sh/release.v1',
    data: { release },
  })
  const other: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'other' },
    data: { note: base64(note.value) },
  }

  test('have no secret left, say the same of it as the objects, and are whole', () => {
    const one = disguise()
    const { objects, left } = disguisedScene([record(packRecord(content)), other], one)
    expect(left).toEqual([])
    expect(search('scene', JSON.stringify(objects), Object.values(secrets))).toEqual([])
    const made = readRecord((objects[0]?.['data'] as { release: string }).release)
    expect(made).toMatchObject({
      ...content,
      info: { status: 'deployed' },
      chart: {},
      config: { replicas: 3, image: { tag: 'v1.2.3' } },
      manifest: expect.stringContaining('a: b # kept') as unknown,
      hooks: [{ name: 'h', events: ['pre-install'] }],
    })
    expect(made.manifest).toContain(`key: ${base64(one.text(data.value))}`)
    expect(made.hooks?.[0]?.manifest).toContain(`key: ${base64(one.text(data.value))}`)
    expect(made.config).toMatchObject({
      auth: { password: one.text(value.value) },
      extra: [one.text(note.value), null],
    })
  })

  test('have what a sandbox has otherwise as its objects have it, so that nothing else comes back', () => {
    const webhook = (condition: string): string =>
      `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: { name: w }\nwebhooks:\n  - name: a.b.test${condition}`
    const text = `---\n# Source: web/templates/w.yaml\n${webhook('')}\n---\n# Source: web/templates/map.yaml\nkind: ConfigMap # kept\n`
    const { objects } = disguisedScene([record(packRecord({ ...content, manifest: text, hooks: [] }))], disguise())
    const made = readRecord((objects[0]?.['data'] as { release: string }).release).manifest ?? ''
    const [first = '', second = ''] = splitDocuments(made)
    expect(loadHelmYaml(first).value).toMatchObject({ webhooks: [{ name: 'a.b.test', matchConditions: NEVER_ASKED }] })
    expect(first).toContain('# Source: web/templates/w.yaml')
    expect(second).toBe('\n# Source: web/templates/map.yaml\nkind: ConfigMap # kept\n')
  })

  test.each([
    ['no base64', '%%%', 'it is no JSON'],
    ['no gzip', base64(Buffer.from([0x1f, 0x8b, 1, 2]).toString('base64')), 'it is not gzip'],
  ])('%s: not copied, and that is said', (_, release, why) => {
    const { objects, left } = disguisedScene([record(release)], disguise())
    expect(objects).toEqual([])
    expect(left).toEqual([`revision 2 of release web is not copied, helm's record cannot be read: ${why}`])
  })
})
