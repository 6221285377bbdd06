import { globOf } from './glob.ts'

/** Is a file or folder of a chart left out? `path` is relative to the chart. */
export type Ignores = (path: string, isFolder: boolean) => boolean

interface Rule {
  readonly matches: (path: string) => boolean
  readonly isNegated: boolean
  readonly foldersOnly: boolean
}

/** Helm's own rule: hidden files are no templates. */
const ALWAYS = 'templates/.?*'

/**
 * By the lines of a .helmignore (https://helm.sh/docs/chart_template_guide/helm_ignore_file/). As helm has it (pkg/ignore), and
 * otherwise than git: a line with `!` leaves out all that it does not match.
 */
export function ignoresOf(text: string): Ignores {
  const rules = [...text.split('\n'), ALWAYS]
    .map((line) => line.replace(/^\uFEFF/u, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('**'))
    .map(ruleOf)
  return (path, isFolder) => {
    for (const { matches, isNegated, foldersOnly } of rules) {
      if (isNegated) {
        if ((foldersOnly && !isFolder) || !matches(path)) return true
      } else if ((isFolder || !foldersOnly) && matches(path)) return true
    }
    return false
  }
}

function ruleOf(line: string): Rule {
  const isNegated = line.startsWith('!')
  const bare = isNegated ? line.slice(1) : line
  const foldersOnly = bare.endsWith('/')
  const pattern = foldersOnly ? bare.slice(0, -1) : bare
  const wholePath = pattern.includes('/')
  const glob = globOf(pattern.replace(/^\//u, ''))
  return {
    isNegated,
    foldersOnly,
    matches: (path) => glob(wholePath ? path : (path.split('/').at(-1) ?? '')),
  }
}
