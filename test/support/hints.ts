import type { HintPlace } from '../../src/hint.ts'

/** Nothing was typed and no cluster was chosen: hints are printed as they were made. */
export const HERE: HintPlace = {
  typed: [],
  given: {},
  cluster: undefined,
  helm: undefined,
  conceals: () => false,
}
