import { allowed, type SourceType } from './source-type.ts'

export const LITERAL: SourceType<'literal'> = {
  details: [],
  needs: [],
  parse: (raw) => ({ kind: 'literal', value: raw['literal'] }),
  describe: () => 'the literal',
  isElsewhere: false,
  refused: allowed,
}
