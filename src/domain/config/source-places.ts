import type { Path } from './path.ts'

/** Where a file is the usual thing: a plain text is its path. */
export const FILE_PLACES: readonly Path[] = [
  ['releases', '*', 'configMaps', '*', 'files', '*'],
  ['secrets', '*', 'files', '*'],
  ['images', '*', 'build', 'secrets', '*'],
  ...['each', 'cert', 'key', 'ca', 'config'].map((key) => ['secrets', '*', key]),
]

/** Wherever a source may stand. */
export const SOURCE_PLACES: readonly Path[] = [
  ...FILE_PLACES,
  ['releases', '*', 'set', '*'],
  ['releases', '*', 'configMaps', '*', 'set', '*'],
  ['images', '*', 'build', 'args', '*'],
]
