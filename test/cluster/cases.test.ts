import { readdir } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { CASES, openCase, readCase } from '../support/cases.ts'

/** Small projects that once went wrong, each with what should happen: test/cases/NAME/case.yaml. */
const names = await readdir(CASES)
const cases = await Promise.all(
  names.sort().map(async (name) => {
    const { helms = [4], ...told } = await readCase(name)
    return helms.map((helm) => ({ name, helm, ...told }))
  }),
)

// Side by side: each has a folder and a namespace of its own.
test.concurrent.each(cases.flat())(
  '$name: $about, with helm $helm',
  async ({ name, helm, steps, finally: last = [] }) => {
    const scene = await openCase(name, helm)
    try {
      for (const step of steps) expect(await scene.take(step)).toEqual([])
    } finally {
      for (const step of last) await scene.take(step)
    }
  },
)
