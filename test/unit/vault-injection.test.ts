import { describe, expect, it } from '@jest/globals'
import { injectionOf } from '../../src/domain/vault/injection.ts'
import { readsOf } from '../../src/domain/vault/go-template.ts'

const P = 'secret/data/shop/app'

describe('what a template of the agent reads', () => {
  it.each([
    ['with and a field', `{{- with secret "${P}" -}}\nexport A="{{ .Data.data.a_key }}"\n{{- end }}`, ['a_key']],
    ['engine of version 1', `{{ with secret "${P}" }}{{ .Data.password }}{{ end }}`, ['password']],
    ['index', `{{- with secret "${P}" -}}{{ index .Data.data "a-key" | replaceAll "'" "x" }}{{ end }}`, ['a-key']],
    ['index of two', `{{ with secret "${P}" }}{{ index .Data "data" "a.b" }}{{ end }}`, ['a.b']],
    ['a call in brackets', `{{ (secret "${P}").Data.data.one }}`, ['one']],
    ['a variable', `{{ $s := secret "${P}" }}{{ $s.Data.data.one }} {{ index $s.Data.data "two" }}`, ['one', 'two']],
    ['with a variable', `{{ $s := secret "${P}" }}{{ with $s }}{{ .Data.data.one }}{{ end }}`, ['one']],
    ['backquotes', `{{ with secret \`${P}\` }}{{ .Data.data.one }}{{ end }}`, ['one']],
    ['all there is', `{{ with secret "${P}" }}{{ range $k, $v := .Data.data }}{{ $k }}={{ $v }}{{ end }}{{ end }}`, []],
    ['as JSON', `{{ with secret "${P}" }}{{ .Data.data | toJSON }}{{ end }}`, []],
    ['its metadata', `{{ with secret "${P}" }}{{ .Data.metadata.version }}{{ end }}`, []],
    ['what is asked for', `{{ with secret "${P}" }}{{ if .Data.data.a }}{{ .Data.data.a }}{{ end }}{{ end }}`, []],
    [
      'inside of an if',
      `{{ with secret "${P}" }}{{ if true }}{{ .Data.data.a }}{{ else }}{{ .Data.data.b }}{{ end }}{{ end }}`,
      ['a', 'b'],
    ],
    [
      'not what another with has',
      `{{ with secret "${P}" }}{{ with node "x" }}{{ .Data.data.n }}{{ end }}{{ .Data.data.a }}{{ end }}`,
      ['a'],
    ],
    ['not in a comment', `{{ with secret "${P}" }}{{/* .Data.data.no */}}{{ .Data.data.a }}{{ end }}`, ['a']],
    ['a bracket in a text', `{{ with secret "${P}" }}{{ "}}" }}{{ .Data.data.a }}{{ end }}`, ['a']],
  ])('%s', (_, template, keys) => {
    expect(readsOf(template)).toEqual([{ path: P, keys: expect.any(Array), isMade: false }])
    expect(readsOf(template)[0]?.keys.toSorted()).toEqual(keys)
  })

  it('keeps paths apart', () => {
    const inner = '{{ with secret "kv/b" }}{{ .Data.data.b }}{{ end }}'
    expect(readsOf(`{{ with secret "kv/a" }}${inner}{{ .Data.data.a }}{{ end }}`)).toEqual([
      { path: 'kv/a', keys: ['a'], isMade: false },
      { path: 'kv/b', keys: ['b'], isMade: false },
    ])
  })

  it('knows what an engine makes when it is asked', () => {
    expect(
      readsOf('{{ with secret "pki/issue/web" "common_name=web" "ttl=1h" }}{{ .Data.certificate }}{{ end }}'),
    ).toEqual([{ path: 'pki/issue/web', keys: ['certificate'], isMade: true }])
  })
})

describe('what a pod asks of the injector', () => {
  const of = (annotations: Readonly<Record<string, string>>) =>
    injectionOf(
      Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`vault.hashicorp.com/${name}`, value])),
    )

  it.each([{}, { 'agent-inject': 'false' }, { 'agent-inject': 'yes' }, { role: 'worker' }])('nothing: %j', (given) => {
    expect(of(given)).toBeUndefined()
  })

  it('files with a template and without', () => {
    const asked = of({
      'agent-inject': 'true',
      role: 'worker',
      'agent-inject-secret-plain': P,
      'agent-inject-secret-made': 'a name',
      'agent-inject-template-made': '{{ with secret "kv/shared" }}{{ .Data.data.one }}{{ end }}',
    })
    expect(asked).toMatchObject({ role: 'worker', authPath: 'auth/kubernetes', method: 'kubernetes', isOnce: false })
    expect(asked?.files).toEqual([
      { name: 'made', reads: [{ path: 'kv/shared', keys: ['one'], isMade: false }], isUnknown: false },
      { name: 'plain', reads: [{ path: P, keys: [], isMade: false }], isUnknown: false },
    ])
  })

  it('what is said elsewhere', () => {
    const asked = of({
      'agent-inject': '1',
      namespace: 'team',
      service: 'https://vault:8200',
      'auth-path': '/auth/k8s/',
      'agent-pre-populate-only': 'true',
      'agent-inject-secret-x': P,
      'agent-inject-template-file-x': '/etc/x.tpl',
      'agent-configmap': 'agent',
    })
    expect(asked).toMatchObject({
      namespace: 'team',
      address: 'https://vault:8200',
      authPath: 'auth/k8s',
      isOnce: true,
      configMap: 'agent',
      files: [{ name: 'x', isUnknown: true }],
    })
  })
})
