import { fromBase64 } from '../secrets/plan.ts'
import type { KubeObject } from '../kube.ts'

/** The values of a Secret as text. */
export function secretTexts(secret: KubeObject): string[] {
  const { data = {}, stringData = {} } = secret as {
    readonly data?: Readonly<Record<string, unknown>>
    readonly stringData?: Readonly<Record<string, unknown>>
  }
  const decoded = Object.values(data).map((value) => new TextDecoder().decode(fromBase64(String(value))))
  return [...Object.values(stringData).map(String), ...decoded]
}
