import { expect, test } from '@jest/globals'
import { bothWays } from '../support/alike.ts'
import { ALIKE, AROUND } from '../support/alike-cases.ts'

test.each(Object.entries({ ...AROUND, ...ALIKE }))(
  '%s: tonight ends as its rehearsal says',
  async (_name, one) => expect(await bothWays(one)).toEqual({ rehearsed: one.code, deployed: one.code }),
  150_000,
)
