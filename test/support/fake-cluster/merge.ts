import { isMap, type PlainMap } from '../../../src/domain/config/path.ts'

/** What is live after a writer states `desired` where it had stated `previous`: what others added stays, lists are whole. */
export function merged(desired: PlainMap, previous: PlainMap, live: PlainMap): PlainMap {
  const kept = Object.entries(live).filter(([key]) => !Object.hasOwn(desired, key) && !Object.hasOwn(previous, key))
  const stated = Object.entries(desired).map(([key, value]): [string, unknown] => {
    const [old, now] = [previous[key], live[key]]
    return [key, isMap(value) && isMap(now) ? merged(value, isMap(old) ? old : {}, now) : value]
  })
  return Object.fromEntries([...kept, ...stated])
}
