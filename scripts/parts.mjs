import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What of others may be bundled, by the SPDX expression of its package.json. */
const MAY_BE_BUNDLED =
  /^(?:MIT|ISC|Apache-2\.0|0BSD|BSD-[23]-Clause|BlueOak-1\.0\.0|Python-2\.0|\(?(?:MIT|Apache-2\.0) OR .*\)?)$/u

/**
 * The packages that are part of the bundle, each with the text of its licence (empty: it ships none). `inputs`: the files that
 * esbuild has read. Throws for a licence that forge may not be distributed with, and for a package that names none.
 */
export function partsOf(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//u.exec(file)?.[1] ?? []))
  const parts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (typeof license !== 'string' || !MAY_BE_BUNDLED.test(license))
      throw new Error(`${name} has the licence ${JSON.stringify(license)}: forge may not be distributed with it`)
    const [file] = globSync(`${folder}/{LICEN[CS]E,licen[cs]e,LICEN[CS]E-MIT}{,.md,.txt}`)
    const texts = [file, join(folder, 'NOTICE')].filter((one) => one !== undefined && existsSync(one))
    return { name, version, license, text: texts.map((one) => readFileSync(one, 'utf8').trim()).join('\n\n') }
  })
  const titled = new Map(parts.map((part) => [`${part.name} ${part.version}`, part]))
  return [...titled].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, part]) => part)
}

/** As their authors ask for: one text with the licence of each. */
export function licensesText(parts) {
  const head = 'forge is distributed with parts of these packages, under their licences.'
  const each = parts.map(({ name, version, license, text }) => {
    const title = `${name} ${version} (${license})`
    return `${title}\n${'='.repeat(title.length)}${text === '' ? '' : `\n\n${text}`}`
  })
  return `${[head, ...each].join('\n\n\n')}\n`
}

/** The same as a list for programs (CycloneDX 1.6, JSON). `forge`: the package's own package.json. */
export function billOfMaterials(parts, forge) {
  const component = (type, { name, version, license, purl = `pkg:npm/${name.replace('@', '%40')}@${version}` }) => {
    return { type, name, version, 'bom-ref': purl, purl, licenses: [{ expression: license }] }
  }
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component('application', forge) },
    components: parts.map((part) => component('library', part)),
  }
  return `${JSON.stringify(bill, null, 1)}\n`
}
