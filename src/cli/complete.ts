import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { projectFolder } from '../adapters/files/project-folder.ts'
import { complete, fitting } from '../domain/completion/complete.ts'
import type { Candidate, Catalog, NamedKind, Typed } from '../domain/completion/model.ts'
import { visible } from '../domain/redact/inert.ts'

/**
 * What bin/forge.js starts for `forge __complete WORD…`, without oclif, for a shell waits for it at each press of Tab. Prints a line
 * for each word that fits, with what is said of it behind a tab; `:file` or `:folder` where the shell completes paths itself.
 */
export async function main(): Promise<void> {
  const catalog = JSON.parse(readFileSync(new URL('completion.json', import.meta.url), 'utf8')) as Catalog
  const found = complete(joined(process.argv.slice(3)), catalog)
  if ('paths' in found) return print([[`:${found.paths}`, '']])
  if ('candidates' in found) return print(found.candidates)
  const names = found.kind === 'code' ? catalog.codes : await projectNames(found.kind, found.typed)
  print(fitting(names, found))
}

/** bash takes `--env=prod` for three words. */
function joined(words: readonly string[]): string[] {
  return words.flatMap((word, at) => {
    if (word === '=') return at === words.length - 1 ? [''] : []
    return [word]
  })
}

/** What they need is loaded for them alone. */
async function projectNames(
  kind: Exclude<NamedKind, 'code'>,
  { dir, environment }: Typed,
): Promise<readonly Candidate[]> {
  const root = projectFolder(resolve(dir ?? '.'), dir === undefined)
  if (root === undefined) return []
  const { namesIn } = await import('../domain/completion/names.ts')
  const { readSeen } = await import('../adapters/files/seen.ts')
  const text = readFileSync(join(root, 'forge.yaml'), 'utf8')
  return namesIn(text, readSeen(root, process.env), environment ?? process.env['FORGE_ENV'])(kind)
}

function print(candidates: readonly Candidate[]): void {
  const lines = candidates.map(([word, about]) => (about === '' ? word : `${word}\t${about.replaceAll('\n', ' ')}`))
  process.stdout.write(lines.map((one) => `${visible(one)}\n`).join(''))
}
