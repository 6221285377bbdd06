import type { HintPlace } from '../hint.ts'

/** For what is kept: what stands behind `--` is for a program elsewhere (`forge shell`), and its business. */
export function withoutCommand<Place extends Pick<HintPlace, 'typed'>>(place: Place): Place {
  const end = place.typed.indexOf('--')
  return end < 0 ? place : { ...place, typed: [...place.typed.slice(0, end + 1), '…'] }
}
