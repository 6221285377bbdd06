import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { inTemporaryFolder } from '../files/temporary.ts'
import { notAsKnown } from '../tools/helm-download.ts'

/** The program, packed, in the package. */
export const PACKED_NAME = 'forge-sandbox.zst'

/** The package that a release has for each platform, as it is installed beside forge. */
export interface Prebuilt {
  /** `@api-forge/forge-sandbox-linux-x64 0.1.0`. */
  readonly title: string
  readonly file: string
  /** The fingerprint of the sources that it was built from; '' where it tells none. */
  readonly key: string
  readonly sha256: string
}

/** What `scripts/sandbox-package.mjs` writes. */
interface Manifest {
  readonly name: string
  readonly version: string
  readonly forgeSandbox?: { readonly key: string; readonly sha256: string }
}

export function prebuiltName(): string {
  return `@api-forge/forge-sandbox-${process.platform}-${process.arch}`
}

/** Found as Node finds packages from here: in the same node_modules as forge, or in one further up. */
export async function lookUpPrebuilt(): Promise<Prebuilt | undefined> {
  let manifest: string
  try {
    manifest = createRequire(import.meta.url).resolve(`${prebuiltName()}/package.json`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    return undefined
  }
  const { name, version, forgeSandbox } = JSON.parse(await readFile(manifest, 'utf8')) as Manifest
  const { key = '', sha256 = '' } = forgeSandbox ?? {}
  return { title: `${name} ${version}`, file: path.join(path.dirname(manifest), PACKED_NAME), key, sha256 }
}

/** Puts its program at `target`. Throws E_TOOL_CHECKSUM when it is not what the package says; then nothing is left of it. */
export async function unpackPrebuilt({ title, file, sha256 }: Prebuilt, target: string): Promise<void> {
  const packed = await readFile(file)
  const found = createHash('sha256').update(packed).digest('hex')
  if (found !== sha256) throw notAsKnown(`${PACKED_NAME} of ${title}`, `SHA-256 ${found}`)
  const program = await promisify(zstdDecompress)(packed)
  await inTemporaryFolder(
    'package',
    async (unfinished) => {
      const half = path.join(unfinished, path.basename(target))
      await writeFile(half, program, { mode: 0o755 })
      await rename(half, target)
    },
    path.dirname(target),
  )
}
