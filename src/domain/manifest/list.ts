import { isMap, type PlainMap } from '../config/path.ts'
import { Unreadable } from './unreadable.ts'

/**
 * The objects of a list, or undefined where the value is none: whatever has `items` is one, of any kind, and in a typed list
 * (`ConfigMapList`) an item need not say what it is (apimachinery, unstructuredJSONScheme.decodeToList). Throws where helm
 * fails.
 */
export function itemsOf(value: unknown): readonly unknown[] | undefined {
  const items = isMap(value) ? value['items'] : undefined
  if (!isMap(value) || items === undefined || items === null) return undefined
  if (!Array.isArray(items)) throw new Unreadable('its items are not a list')
  return (items as unknown[]).map((item) => named(item, value))
}

function named(item: unknown, { apiVersion, kind }: PlainMap): unknown {
  if (!isMap(item)) return item
  if (isMap(item) && item['items'] !== undefined)
    throw new Unreadable('it is a list in a list, which helm does not take apart')
  const isNamed = [item['apiVersion'], item['kind']].some((name) => typeof name === 'string' && name !== '')
  return isNamed || typeof kind !== 'string' ? item : { ...item, apiVersion, kind: kind.replace(/List$/u, '') }
}
