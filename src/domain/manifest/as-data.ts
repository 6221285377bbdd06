import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { encodedTexts } from '../secrets/plan.ts'
import { changeObjects } from './keep-values.ts'

/**
 * A Secret as it is stored. `stringData` is never read back, so that a text which a manifest gives up would stay
 * (pkg/apis/core/v1, Secret).
 */
export function asData(object: KubeObject): KubeObject {
  const { stringData, ...fields } = object
  if (object.kind !== 'Secret' || !isMap(stringData)) return object
  const data = { ...(isMap(fields['data']) ? fields['data'] : {}), ...encodedTexts(object) }
  return { ...fields, data }
}

/** The same of a whole manifest; what has no such Secret stays letter by letter. */
export function textsAsData(manifest: string): string {
  return changeObjects(manifest, asData)
}
