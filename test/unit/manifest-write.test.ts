import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { KubeObject } from '../../src/domain/kube.ts'
import { parseManifest } from '../../src/domain/manifest/parse.ts'
import { manifestToSend } from '../../src/domain/manifest/to-send.ts'
import { writeYaml } from '../../src/domain/manifest/write-yaml.ts'
import { loadHelmYaml } from '../../src/domain/manifest/yaml.ts'

describe('what is written as YAML', () => {
  test('reads like a manifest', () => {
    const text = `kind: Service
metadata:
  labels: {}
  annotations:
    app.kubernetes.io/note: |
      one

        two
    "yes": "no"
    cut: |-
      a
      b
spec:
  clusterIP: null
  ports:
    - port: 80
      name: http
    - []
  text: "  two\\n"
  words: "a b"
  line: "a\\u2028"
`
    const value = loadHelmYaml(text).value
    expect(writeYaml(value)).toBe(text)
  })

  test('has the values that it was made of, whatever they are', () => {
    const value = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ noUnicodeString: false }))
    fc.assert(
      fc.property(value, (one) => expect(loadHelmYaml(writeYaml(one)).value).toEqual(JSON.parse(JSON.stringify(one)))),
      { numRuns: 2000 },
    )
  })

  test('many lines have the values that they were made of', () => {
    const line = fc.constantFrom('a', ' b', '', '# c', '---', 'd: e', '\tf', 'g ', 'é', '\u0085', '- h', '...')
    const text = fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, (one) =>
        expect(loadHelmYaml(writeYaml({ a: one, b: [one] })).value).toEqual({ a: one, b: [one] }),
      ),
      { numRuns: 2000 },
    )
  })
})

describe('what a post-renderer prints', () => {
  const hook = 'metadata: { name: h, annotations: { helm.sh/hook: pre-install } }'
  const manifest = `---
# Source: c/templates/a.yaml
apiVersion: v1
kind: ConfigMap # as it is
metadata: { name: a, annotations: , namespace: n }
---
# Source: c/templates/h.yaml
apiVersion: v1
kind: ConfigMap
${hook}
---
# Source: c/crds/d.yaml
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: d }
---
# Source: c/templates/b.yaml
apiVersion: v1
kind: List
items: [ { apiVersion: v1, kind: ConfigMap, metadata: { name: b } }, { apiVersion: v1, kind: ConfigMap, metadata: { name: c } } ]
`
  const isNamespaced = (): boolean => true
  const rendered = parseManifest(manifest, 'n', isNamespaced)
  const changed: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', namespace: 'n' }, data: {} }
  const send = { rendered, manifest, objects: new Map([['/ConfigMap/n/b', changed]]), namespace: 'n', isNamespaced }

  test('for helm 3: no hooks and no bundled definitions, the rest as the chart renders it', () => {
    const text = manifestToSend(send, 3)
    expect(text).toContain('kind: ConfigMap # as it is\nmetadata: { name: a, annotations: , namespace: n }\n')
    expect(text).toContain(
      '---\n# Source: c/templates/b.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\ndata: {}\n',
    )
    expect(parseManifest(text, 'n', isNamespaced).map(({ object }) => object.metadata.name)).toEqual(['a', 'b', 'c'])
  })

  test('for helm 4: hooks too, each with the name of its template', () => {
    const read = parseManifest(manifestToSend(send, 4), 'n', isNamespaced)
    expect(read.map(({ object }) => object.metadata.name)).toEqual(['a', 'h', 'b', 'c'])
    const templates = read.map(
      ({ object }) => object.metadata.annotations?.['postrenderer.helm.sh/postrender-filename'],
    )
    expect(templates).toEqual(['a', 'h', 'b', 'b'].map((name) => `c/templates/${name}.yaml`))
  })
})
