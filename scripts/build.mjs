// Bundles the CLI: one entry per command, shared code in chunks, so that a command loads only what it needs.
// Usage: node scripts/build.mjs
import { globSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { build } from 'esbuild'

const root = new URL('..', import.meta.url).pathname
process.chdir(root)
rmSync('dist', { recursive: true, force: true })

const commands = globSync('commands/**/*.ts')
const entries = Object.fromEntries(commands.map((file) => [file.replace(/\.ts$/u, ''), file]))

await build({
  entryPoints: { main: 'src/cli/main.ts', ...entries },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: false,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  keepNames: true,
  external: ['typescript', 'ts-node', 'tsx'],
  logLevel: 'warning',
  // CommonJS inside the bundle (oclif, js-yaml) still asks for require, __dirname and __filename.
  banner: {
    js: "import{createRequire as __cr}from'node:module';import{dirname as __dn}from'node:path';import{fileURLToPath as __fp}from'node:url';const require=__cr(import.meta.url),__filename=__fp(import.meta.url),__dirname=__dn(__filename);",
  },
})

// The manifest spares oclif the loading of every command for --help.
process.env.NODE_ENV = 'production'
rmSync('oclif.manifest.json', { force: true })
const { Config } = await import('@oclif/core')
const config = await Config.load({ root, devPlugins: false, userPlugins: false })
const plugin = config.plugins.get(JSON.parse(readFileSync('package.json', 'utf8')).name)
writeFileSync('oclif.manifest.json', `${JSON.stringify(plugin.manifest, null, 1)}\n`)
