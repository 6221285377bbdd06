import { allowed, textOf, type SourceType } from './source-type.ts'

export const DOTENV: SourceType<'dotenv'> = {
  details: ['name'],
  needs: ['name'],
  parse: (raw) => ({ kind: 'dotenv', file: textOf(raw, 'dotenv'), name: textOf(raw, 'name') }),
  describe: ({ file, name }, shown) => `${shown(file)} ${name}`,
  isElsewhere: false,
  refused: allowed,
}
