import { allowed, textOf, type SourceType } from './source-type.ts'

export const YAML: SourceType<'yaml'> = {
  details: ['path'],
  needs: ['path'],
  parse: (raw) => ({ kind: 'yaml', file: textOf(raw, 'yaml'), path: textOf(raw, 'path') }),
  describe: ({ file, path }, shown) => `${shown(file)} ${path}`,
  isElsewhere: false,
  refused: allowed,
}
