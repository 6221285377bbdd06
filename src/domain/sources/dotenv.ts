import { allowed, textOf, type SourceType } from './source-type.ts'

interface DotenvSource {
  readonly kind: 'dotenv'
  readonly file: string
  readonly name: string
}

export const DOTENV: SourceType<DotenvSource> = {
  details: ['name'],
  needs: ['name'],
  parse: (raw) => ({ kind: 'dotenv', file: textOf(raw, 'dotenv'), name: textOf(raw, 'name') }),
  describe: ({ file, name }, shown) => `${shown(file)} ${name}`,
  isElsewhere: false,
  refused: allowed,
}
