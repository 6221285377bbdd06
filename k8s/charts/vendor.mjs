#!/usr/bin/env node
// Puts the charts that a chart names as file://../NAME into its charts/, as plain folders: helm renders no chart that lacks one,
// a link is lost in an npm package, an archive shows no reviewer what is in it, and a copy at each run costs each run.
//   node k8s/charts/vendor.mjs
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const root = dirname(fileURLToPath(import.meta.url))

for (const chart of readdirSync(root).filter((name) => existsSync(join(root, name, 'Chart.yaml')))) {
  const { dependencies = [] } = parse(readFileSync(join(root, chart, 'Chart.yaml'), 'utf8'))
  for (const { name, repository = '' } of dependencies) {
    const from = /^file:\/\/(.+)$/u.exec(repository)?.[1]
    if (from === undefined) continue
    const to = join(root, chart, 'charts', name)
    rmSync(to, { recursive: true, force: true })
    cpSync(join(root, chart, from), to, { recursive: true, filter: (path) => !/\/ci$/u.test(path) })
    console.log(`${chart}/charts/${name} is ${from}`)
  }
}
