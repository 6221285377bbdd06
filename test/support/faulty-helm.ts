import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { helmOf } from './helms.ts'

/**
 * A helm that misbehaves: lines of shell around the real one. `$HELM` is its path, `$1` the verb, `$2` the release; what the
 * script does not end goes on to the real helm.
 */
export async function faultyHelm(
  major: 3 | 4,
  script: string,
): Promise<{ readonly path: string; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-helm-'))
  const path = join(folder, 'helm')
  await writeFile(path, `#!/bin/sh\nHELM='${await helmOf(major)}'\nHERE='${folder}'\n${script}\nexec "$HELM" "$@"\n`)
  await chmod(path, 0o755)
  return { path, folder }
}
