// Prints what CHANGELOG.md says of a version: `node scripts/release-notes.mjs 1.2.3`. Fails where it says nothing.
import { readFileSync } from 'node:fs'

const [version = ''] = process.argv.slice(2)
const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /mu).slice(1)
const found = sections.find((section) => section.startsWith(`[${version}]`))
const text = found
  ?.slice(found.indexOf('\n'))
  .replaceAll(/^\[[^\]]+\]: \S+$/gmu, '')
  .trim()
if (version === '' || text === undefined || text === '') {
  process.stderr.write(`CHANGELOG.md says nothing of ${version}: it needs a section "## [${version}] - DATE"\n`)
  process.exitCode = 1
} else process.stdout.write(`${text}\n`)
