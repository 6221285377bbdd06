import { expect, test } from '@jest/globals'
import { judgeWarnings } from '../../src/domain/doctor/admission.ts'

const WARNING = 'would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "a" …)'

test.each([
  ['the enforced level', [WARNING], 'restricted', 'violates PodSecurity "restricted:latest": allowPrivilegeEscalation'],
  ['a level that is only warned of', [WARNING], 'baseline', undefined],
  ['nothing enforced', [WARNING], undefined, undefined],
  ['something else', ['spec.x: deprecated since v1.20'], 'restricted', undefined],
])('warnings beside a workload: %s', (_, warnings, enforced, expected) => {
  const judged = judgeWarnings(warnings, enforced)
  expect(judged?.slice(0, expected?.length)).toBe(expected)
})
