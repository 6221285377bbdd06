import type { Remark } from '../../domain/doctor/model.ts'
import { kubectl } from '../../hint.ts'
import { found, passedOver, warn, type Finding } from '../phases/findings.ts'

/** What only a doctor says: nobody is refused for it. */
export function findingOf({ kind, text, where, show, namespace }: Remark): Finding {
  if (kind === 'well') return found(text)
  if (kind === 'unknown') return passedOver(text, '')
  return warn(text, {
    ...(where === undefined ? {} : { where }),
    ...(show === undefined ? {} : { hint: kubectl(show, namespace) }),
  })
}
