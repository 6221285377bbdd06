import { allowed, type SourceType } from './source-type.ts'

interface LiteralSource {
  readonly kind: 'literal'
  readonly value: unknown
  readonly text?: string | undefined
}

export const LITERAL: SourceType<LiteralSource> = {
  details: [],
  needs: [],
  parse: (raw) => ({ kind: 'literal', value: raw['literal'] }),
  describe: () => 'the literal',
  isElsewhere: false,
  refused: allowed,
}
