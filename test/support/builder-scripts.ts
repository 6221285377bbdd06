import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageBuild } from '../../src/ports.ts'

export const DIGEST = `sha256:${'d'.repeat(64)}`
export const REF = 'ghcr.io/acme/app:sha-1'
export const NAME = { ref: REF, to: REF }
export const image: ImageBuild = {
  context: '/src',
  dockerfile: { path: '/src/Dockerfile' },
  platforms: ['linux/amd64'],
  ...{ args: {}, contexts: {}, bases: {}, secrets: {}, labels: {}, ssh: [], cacheFrom: [], cacheTo: [] },
}

/** A shell script in the place of a program, which notes in `dir` how it was called. */
export async function scriptIn(dir: string, name: string, body: string, folder = dir): Promise<void> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, name)
  await writeFile(file, `#!/bin/sh\necho "${name} $*" >> "${dir}/calls"\n${body}\n`)
  await chmod(file, 0o755)
}

export async function callsIn(dir: string): Promise<string[]> {
  return (await readFile(join(dir, 'calls'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.replace(/[^\s=]*forge-image-\S*\//gu, 'TMP/'))
}

/** The digest goes where the real ones put it. */
export const WORKS = `
command="$1"
while [ $# -gt 0 ]; do
  [ "$1" = --digestfile ] && printf '${DIGEST}' > "$2"
  [ "$1" = --metadata-file ] && printf '{"containerimage.config.digest": "sha256:0", "containerimage.digest": "${DIGEST}"}' > "$2"
  shift
done
[ "$command" = image ] && printf 'ghcr.io/other@sha256:${'e'.repeat(64)}\\nghcr.io/acme/app@${DIGEST}\\n\\n'
exit 0`
