import { fromBase64 } from '../secrets/plan.ts'
import { textOf } from '../values/text-of.ts'
import type { KubeObject } from '../kube.ts'

/** The values of a Secret as text. */
export function secretTexts(secret: KubeObject): string[] {
  const { data = {}, stringData = {} } = secret as {
    readonly data?: Readonly<Record<string, unknown>>
    readonly stringData?: Readonly<Record<string, unknown>>
  }
  const texts = (map: Readonly<Record<string, unknown>>): string[] =>
    Object.values(map).map((value) => (value === null ? '' : textOf(value)))
  return [...texts(stringData), ...texts(data).map((text) => new TextDecoder().decode(fromBase64(text)))]
}
