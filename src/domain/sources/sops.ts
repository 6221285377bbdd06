import { compact } from '../config/compact.ts'
import { textOf, type SourceType } from './source-type.ts'

interface SopsSource {
  readonly kind: 'sops'
  readonly file: string
  readonly path?: string
  readonly trim?: 'newline' | 'none'
}

export const SOPS: SourceType<SopsSource> = {
  details: ['path', 'trim'],
  needs: [],
  parse: (raw) =>
    compact({
      kind: 'sops' as const,
      file: textOf(raw, 'sops'),
      path: raw['path'] as string | undefined,
      trim: raw['trim'] as 'newline' | 'none' | undefined,
    }),
  describe: ({ file }, shown) => shown(file),
  isElsewhere: true,
  keeper: 'sops',
  refused: ({ file }) => ({ message: `would decrypt ${file} with sops` }),
}
