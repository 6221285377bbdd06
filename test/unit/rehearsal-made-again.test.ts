import { expect, test } from '@jest/globals'
import { rehearsalKey } from '../../src/adapters/rehearsal-key.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { createDisguise, type Disguise } from '../../src/domain/rehearsal/disguise.ts'

const KEY = new Uint8Array(32)
const fresh = (): Disguise => createDisguise({ keyed: rehearsalKey(KEY), redactor: new Redactor() })
const secret = (data: Readonly<Record<string, Buffer | string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login' },
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
})
const URL_WITH = 'postgres://app:hunter2-and-more@db.example.test:5432/shop'
const ALL = secret({ password: 'hunter2-and-more', url: URL_WITH, binary: Buffer.from([0, 255, 128, 7, 9, 200, 1]) })

test('what was made up is not made up again: charts are given it, and what they render of it is looked at once more', () => {
  const disguise = fresh()
  const once = disguise.object(ALL)
  expect(once).not.toEqual(ALL)
  expect(disguise.object(once)).toEqual(once)
  const values = disguise.values({ auth: { password: 'hunter2-and-more' }, url: URL_WITH })
  expect(disguise.values(values)).toEqual(values)
  expect(disguise.known({ text: values['url'] })).toEqual({ text: values['url'] })
})

test('another process that is given what was learned makes up the same', () => {
  const [first, second] = [fresh(), fresh()]
  const once = first.object(ALL)
  for (const one of first.learned()) second.bytes(Buffer.from(one, 'base64'))
  expect(second.known({ note: `see ${URL_WITH}` })).toEqual(first.known({ note: `see ${URL_WITH}` }))
  expect(second.object(ALL)).toEqual(once)
})
