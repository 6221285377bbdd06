import { verbs, type Permission } from './permissions.ts'
import { distinct, planRights, type Place, type Work } from './rights.ts'

/** What stands beside a release, and decides in a rehearsal as it would tonight. Without it a rehearsal knows less, and says so. */
const BESIDE: readonly Permission[] = [
  'configmaps',
  'limitranges',
  'persistentvolumeclaims',
  'resourcequotas',
  'serviceaccounts',
  'services',
].flatMap((plural) => verbs(['list'], '', plural))

/** Those of a plan, and in the namespaces of the releases what only a rehearsal looks at. Nothing of the whole cluster. */
export function rehearsalRights(work: Work): Place[] {
  const own = new Set([work.home, ...work.namespaces])
  return planRights(work).map((place) => {
    if (place.namespace === undefined || !own.has(place.namespace)) return place
    const looking = BESIDE.filter((one) => !place.permissions.some((known) => isSame(known, one)))
    return { ...place, looking: distinct([...place.looking, ...looking]) }
  })
}

function isSame(one: Permission, other: Permission): boolean {
  return (
    one.verb === other.verb && one.group === other.group && one.resource === other.resource && one.name === undefined
  )
}
