import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { projectFolder } from '../adapters/files/project-folder.ts'
import { remembered } from '../adapters/files/seen.ts'
import { complete, fitting } from '../domain/completion/complete.ts'
import type { Candidate, Catalog, FileNames, NamedKind, Typed } from '../domain/completion/model.ts'
import { offered } from '../domain/completion/offered.ts'
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

async function projectNames(
  kind: Exclude<NamedKind, 'code'>,
  { dir, environment }: Typed,
): Promise<readonly Candidate[]> {
  const root = projectFolder(resolve(dir ?? '.'), dir === undefined)
  if (root === undefined) return []
  const { seen = {}, names } = remembered(root, process.env)
  const file = join(root, 'forge.yaml')
  const { mtimeMs, size } = statSync(file)
  const stamp = `${mtimeMs} ${size}`
  const known = names?.stamp === stamp ? names : await readNames(root, file, stamp)
  return offered(kind, known, seen, environment ?? process.env['FORGE_ENV'])
}

/** What reads YAML takes as long as all the rest: once for each state of the file. */
async function readNames(root: string, file: string, stamp: string): Promise<FileNames> {
  const { namesOf } = await import('../domain/completion/names.ts')
  const { keepSeen } = await import('../adapters/files/keep-seen.ts')
  const names = namesOf(readFileSync(file, 'utf8'))
  await keepSeen(root, () => ({ names: { ...names, stamp } }), process.env)
  return names
}

function print(candidates: readonly Candidate[]): void {
  const lines = candidates.map(([word, about]) => (about === '' ? word : `${word}\t${about.replaceAll('\n', ' ')}`))
  process.stdout.write(lines.map((one) => `${visible(one)}\n`).join(''))
}
