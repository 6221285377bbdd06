import { compact } from '../config/compact.ts'
import { allowed, textOf, type SourceType } from './source-type.ts'

interface FileSource {
  readonly kind: 'file'
  readonly file: string
  readonly trim?: 'newline' | 'none'
}

export const FILE: SourceType<FileSource> = {
  details: ['trim'],
  needs: [],
  parse: (raw) =>
    compact({ kind: 'file' as const, file: textOf(raw, 'file'), trim: raw['trim'] as 'newline' | 'none' | undefined }),
  describe: ({ file }, shown) => shown(file),
  isElsewhere: false,
  refused: allowed,
}
