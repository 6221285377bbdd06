import type { TransformName } from '../config/model.ts'
import type { Problem } from '../config/position.ts'
import { openPgHba } from './open-pg-hba.ts'

export type Transform = (text: string, file: string) => { readonly text: string; readonly problems: readonly Problem[] }

/** What `transform:` may name. */
const BY_NAME: Readonly<Record<TransformName, Transform>> = { 'open-pg-hba': openPgHba }

export function transformNamed(name: TransformName): Transform {
  return BY_NAME[name]
}
