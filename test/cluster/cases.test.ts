import { readdir } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { CASES, openCase, readCase } from '../support/cases.ts'

/** Small projects that once went wrong, each with what should happen: test/cases/NAME/case.yaml. */
const names = await readdir(CASES)
const cases = await Promise.all(names.sort().map(async (name) => ({ name, ...(await readCase(name)) })))

describe.each(cases)('$name: $about', ({ name, helms = [4], steps, finally: last = [] }) => {
  test.each(helms.map((helm) => ({ helm })))('with helm $helm', async ({ helm }) => {
    const scene = await openCase(name, helm)
    try {
      for (const step of steps) expect(await scene.take(step)).toEqual([])
    } finally {
      for (const step of last) await scene.take(step)
    }
  })
})
