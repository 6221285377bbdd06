import type { PlainMap } from './domain/config/path.ts'
import type { KubeObject } from './domain/kube.ts'

export interface ObjectAdjuster {
  /**
   * For objects of a release that are brought to rest or woken: a merge patch as manager `forge-pause`, if the object still has
   * the uid and the resourceVersion that it is given with; undefined when it has moved on or is gone. `scale`: of /scale.
   */
  adjust(
    object: KubeObject,
    change: PlainMap,
    signal: AbortSignal,
    subresource?: 'scale',
  ): Promise<KubeObject | undefined>
}
