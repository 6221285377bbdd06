// Bundles the CLI: one entry per command, shared code in chunks, so that a command loads only what it needs.
// Usage: node scripts/build.mjs
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { manPages } from './man-pages.ts'
import { billOfMaterials, licensesText, partsOf } from './parts.mjs'

const root = new URL('..', import.meta.url).pathname
process.chdir(root)
// Built beside and swapped in, so that a forge that runs meanwhile always finds a whole one.
const fresh = `dist.${process.pid}`

const commands = globSync('commands/**/*.ts')
const entries = Object.fromEntries(commands.map((file) => [file.replace(/\.ts$/u, ''), file]))

const { metafile } = await build({
  metafile: true,
  entryPoints: {
    main: 'src/cli/main.ts',
    action: 'src/cli/github/action.ts',
    argo: 'src/cli/argo/step.ts',
    'front-door': 'src/cli/front-door.ts',
    complete: 'src/cli/complete.ts',
    ...entries,
  },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  // CommonJS behind a dynamic import loses its named exports.
  mainFields: ['module', 'main'],
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: false,
  minify: true,
  legalComments: 'none',
  // Of stack traces, and of classes that are told apart by name.
  keepNames: true,
  external: ['typescript', 'ts-node', 'tsx'],
  logLevel: 'warning',
  plugins: [withoutFacade('http')],
  // CommonJS inside the bundle (oclif, js-yaml) still asks for require, __dirname and __filename.
  banner: {
    js: "import{createRequire as __cr}from'node:module';import{dirname as __dn}from'node:path';import{fileURLToPath as __fp}from'node:url';const require=__cr(import.meta.url),__filename=__fp(import.meta.url),__dirname=__dn(__filename);",
  },
})

const parts = partsOf(Object.keys(metafile.inputs))
const own = JSON.parse(readFileSync('package.json', 'utf8'))
writeFileSync(`${fresh}/THIRD-PARTY-LICENSES.txt`, licensesText(parts))
writeFileSync(`${fresh}/forge.cdx.json`, billOfMaterials(parts, own))

const old = `${fresh}.old`
if (globSync('dist').length > 0) renameSync('dist', old)
renameSync(fresh, 'dist')
rmSync(old, { recursive: true, force: true })

// The manifest spares oclif the loading of every command for --help.
process.env.NODE_ENV = 'production'
const { Config } = await import('@oclif/core')
const config = await Config.load({ root, devPlugins: false, userPlugins: false, ignoreManifest: true })
const plugin = config.plugins.get(own.name)
writeFileSync(`${fresh}.json`, `${JSON.stringify(plugin.manifest)}\n`)
renameSync(`${fresh}.json`, 'oclif.manifest.json')

const { GROUPS } = await import('../src/cli/groups.ts')
mkdirSync('dist/man', { recursive: true })
const { version, description, oclif } = own
for (const { file, text } of manPages({
  manifest: plugin.manifest,
  topics: oclif.topics,
  groups: GROUPS,
  version,
  description,
}))
  writeFileSync(`dist/man/${file}`, text)

// What shells complete is of the same source.
const { catalogOf } = await import('../src/domain/completion/catalog.ts')
const { describeCode, ERROR_CODES } = await import('../src/errors.ts')
const codes = ERROR_CODES.map((code) => [code, describeCode(code).about])
writeFileSync(`${fresh}.json`, JSON.stringify(catalogOf(plugin.manifest, own.oclif.topics, codes)))
renameSync(`${fresh}.json`, 'dist/completion.json')

/**
 * `import … from 'node:http'` reads every export of it, and one of them (WebSocket) loads the whole of Node's own undici:
 * 20 ms for what nobody asked. A CommonJS module in between reads what is used.
 */
function withoutFacade(name) {
  return {
    name: 'without-facade',
    setup({ onResolve, onLoad }) {
      // esbuild's filters are Go's regular expressions, which know no flag u.
      const filter = new RegExp(`^(node:)?${name}$`)
      onResolve({ filter }, ({ kind }) =>
        kind === 'import-statement' ? { path: name, namespace: 'builtin' } : undefined,
      )
      onLoad({ filter, namespace: 'builtin' }, () => ({
        contents: `module.exports = process.getBuiltinModule('node:${name}')`,
        loader: 'js',
      }))
    },
  }
}
