import { expect, test } from '@jest/globals'
import { namesToSpare } from '../../src/domain/redact/names.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'

test('a secret that is a word which objects are called by leaves the screens readable', () => {
  const redactor = new Redactor()
  for (const one of ['settings', 'frontend', 'x8Kq2LmZ77VtPq']) redactor.add(one)
  const labels = { 'app.kubernetes.io/component': 'frontend' }
  const named = (name: unknown) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name as string, labels } })
  redactor.spare(namesToSpare([named('settings'), named('x8Kq2LmZ77VtPq'), named(7)]))
  expect(redactor.text('ConfigMap/settings of frontend, x8Kq2LmZ77VtPq')).toBe('ConfigMap/settings of frontend, •••')
})
