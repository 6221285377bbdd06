// Makes the npm package of the sandbox for this machine's platform, which spares its users Go and the first build.
// Usage: node scripts/sandbox-package.mjs [FOLDER]: the archive and the list of its parts go there (default: release). The
// program is that of the cache, or is built; SANDBOX_PACKAGE_LEVEL is zstd's level (default: 19, a minute; tests are content with less).
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { findSandboxBinary, fingerprint, sourceFolder } from '../src/adapters/sandbox/binary.ts'
import { PACKED_NAME, prebuiltName } from '../src/adapters/sandbox/prebuilt.ts'
import { goPartsOf } from './go-parts.mjs'
import { billOfMaterials, licensesText } from './parts.mjs'

const target = resolve(process.argv[2] ?? 'release')
const level = Number(process.env.SANDBOX_PACKAGE_LEVEL ?? 19)
const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const sources = await sourceFolder()

// What a variable names may be of other sources.
const { path } = await findSandboxBinary(
  { ...process.env, FORGE_SANDBOX_BIN: '' },
  { signal: new AbortController().signal, progress: (text) => process.stderr.write(`${text}\n`) },
)
const packed = await promisify(zstdCompress)(readFileSync(path), {
  // As far back as a decoder looks without being told (8 MiB at least, 128 MiB in zstd's own).
  params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_windowLog]: 27 },
})
const parts = goPartsOf(sources)

const folder = mkdtempSync(join(tmpdir(), 'forge-sandbox-package-'))
try {
  const manifest = {
    name: prebuiltName(),
    version: own.version,
    description: 'The Kubernetes control plane of forge sandbox, built for one platform.',
    license: own.license,
    publishConfig: own.publishConfig,
    os: [process.platform],
    cpu: [process.arch],
    files: [PACKED_NAME, 'THIRD-PARTY-LICENSES.txt', 'forge-sandbox.cdx.json'],
    forgeSandbox: { key: await fingerprint(sources), sha256: createHash('sha256').update(packed).digest('hex') },
  }
  writeFileSync(join(folder, PACKED_NAME), packed)
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), licensesText(parts))
  const bill = billOfMaterials(parts, manifest)
  writeFileSync(join(folder, 'forge-sandbox.cdx.json'), bill)
  writeFileSync(join(folder, 'LICENSE'), readFileSync(new URL('../LICENSE', import.meta.url)))
  mkdirSync(target, { recursive: true })
  // Beside it, too, for who looks at a release without unpacking it.
  writeFileSync(join(target, `forge-sandbox-${process.platform}-${process.arch}.cdx.json`), bill)
  execFileSync('npm', ['pack', '--silent', '--pack-destination', target], { cwd: folder, stdio: 'inherit' })
} finally {
  rmSync(folder, { recursive: true })
}
