import { describe, expect, test } from '@jest/globals'
import { readDocument } from '../../src/domain/config/document.ts'
import { canonical } from '../../src/domain/canonical.ts'
import { FAILED, isStricter, readByHelm, readOtherwise } from '../support/yaml-reading.ts'
import { yamlTexts } from '../support/yaml-texts.ts'

const SEED = Number(process.env['FORGE_TEST_SEED'] ?? 1)

describe.each([3, 4] as const)('with helm %i', (major) => {
  test('10,000 manifests have the values that helm reads in them', async () => {
    expect(await readOtherwise(major, yamlTexts(SEED, 10_000))).toEqual([])
  })

  test('10,000 values files have the values that helm reads in them; only a key that stands twice is refused', async () => {
    const texts = yamlTexts(SEED + 1, 10_000).map((text) => `${text}\n`)
    const answers = await readByHelm(major, texts)
    const different = texts.flatMap((text, at) => {
      const { own, why } = valuesOf(text)
      const helm = answers[at]
      if (own === helm || isStricter(helm, text)) return []
      return own === FAILED && why.startsWith('duplicate key') ? [] : [{ text, own, why, helm }]
    })
    expect(different).toEqual([])
  })
})

function valuesOf(text: string): { readonly own: string; readonly why: string } {
  const { value, problems } = readDocument(text, 'values.yaml', 'helm')
  const [first] = problems
  if (first !== undefined) return { own: FAILED, why: first.message }
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return { own: isMap ? canonical(value) : FAILED, why: 'is not a map' }
}
