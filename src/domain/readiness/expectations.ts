import type { KubeObject } from '../kube.ts'
import type { Expectation } from './model.ts'

/** What helm left behind: one list per kind, so that no verdict rests on a watch that lags. */
export function expectationsOf(objects: readonly KubeObject[]): Expectation[] {
  return objects.flatMap(({ apiVersion, kind, metadata: { name, namespace, uid, generation } }) =>
    uid === undefined
      ? []
      : [
          {
            ref: { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) },
            uid,
            generation: generation ?? 0,
          },
        ],
  )
}
