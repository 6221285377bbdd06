import { expect, test } from '@jest/globals'
import { plainChart } from '../../src/domain/plain/chart.ts'
import { plainObjects } from '../../src/domain/plain/objects.ts'

const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`

test('definitions lie where helm makes them first, braces are nowhere a template, and the same objects give the same chart', () => {
  const crd =
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: a.b.c }\nspec: { text: "{{ a }}", most: 9223372036854775807 }\n'
  const { objects } = plainObjects([
    {
      file: 'a',
      text: `${map('a')}data: { x: "{{ .Values.a }} }}" }\n---\n${crd}---\n${map('system:a')}---\n${map('system-a')}`,
    },
  ])
  const chart = plainChart('app', objects)
  expect([...chart.files.keys()]).toEqual([
    'Chart.yaml',
    'values.yaml',
    'templates/configmap-a.yaml',
    'crds/customresourcedefinition-a.b.c.yaml',
    'templates/configmap-system-a.yaml',
    'templates/configmap-system-a-2.yaml',
  ])
  expect(chart.files.get('templates/configmap-a.yaml')).toContain('x: "{{ "{{" }} .Values.a }} }}"')
  expect(chart.files.get('crds/customresourcedefinition-a.b.c.yaml')).toContain('text: "{{ a }}"')
  expect(chart).toEqual(plainChart('app', objects))
  expect([...chart.places]).toEqual([
    ['app/templates/configmap-a.yaml', { file: 'a', line: 1 }],
    ['app/crds/customresourcedefinition-a.b.c.yaml', { file: 'a', line: 6 }],
    ['app/templates/configmap-system-a.yaml', { file: 'a', line: 11 }],
    ['app/templates/configmap-system-a-2.yaml', { file: 'a', line: 15 }],
  ])
})
