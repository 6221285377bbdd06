import { allowed, textOf, type SourceType } from './source-type.ts'

interface YamlSource {
  readonly kind: 'yaml'
  readonly file: string
  readonly path: string
}

export const YAML: SourceType<YamlSource> = {
  details: ['path'],
  needs: ['path'],
  parse: (raw) => ({ kind: 'yaml', file: textOf(raw, 'yaml'), path: textOf(raw, 'path') }),
  describe: ({ file, path }, shown) => `${shown(file)} ${path}`,
  isElsewhere: false,
  refused: allowed,
}
