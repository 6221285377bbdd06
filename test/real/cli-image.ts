// Builds the image of the Dockerfile, for argo.test.ts, and writes it as an archive that a node can import (docker save):
//   node test/real/cli-image.ts NAME FILE      after `npm run build`; buildah, and nothing of a registry
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { buildahStore } from '../support/buildah.ts'
import { buildCliImage } from '../support/cli-image.ts'

const [name, file] = process.argv.slice(2)
if (name === undefined || file === undefined) throw new Error('node test/real/cli-image.ts NAME FILE')
const dir = await mkdtemp(join(tmpdir(), 'forge-cli-image-'))
try {
  const env = await buildahStore(join(dir, 'store'))
  await buildCliImage(dir, env)
  await rm(file, { force: true })
  await execa('buildah', ['push', '--quiet', 'localhost/forge', `docker-archive:${file}:${name}`], { env })
} finally {
  await rm(dir, { recursive: true, force: true })
}
