import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How the texts of licences begin, or what only they say. What a file holds several of, it is under all of them. */
const TEXTS = [
  ['Apache-2.0', /Apache License,?\s+Version 2\.0/u],
  ['MIT', /Permission is hereby granted, free of charge/u],
  ['ISC', /Permission to use, copy, modify, and(?:\/or)? distribute this software/u],
  ['BSD-3-Clause', /Redistribution and use in source and binary forms[\s\S]*(?:endorse|promote)/u],
  ['BSD-2-Clause', /Redistribution and use in source and binary forms(?![\s\S]*(?:endorse|promote))/u],
]

/**
 * The Go modules that a program is made of, each with the text of its licence, and Go's own library. Throws for one whose
 * licence is none that forge may be distributed with.
 */
export function goPartsOf(folder) {
  const go = (...args) =>
    execFileSync('go', args, { cwd: folder, env: { ...process.env, CGO_ENABLED: '0' }, encoding: 'utf8' }).trim()
  const format = '{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}'
  const modules = [...new Set(go('list', '-deps', '-f', format, '.').split('\n'))].filter((line) => line !== '')
  const library = ['std', go('env', 'GOVERSION').replace(/^go/u, ''), go('env', 'GOROOT')]
  return [library, ...modules.map((line) => line.split('\t'))].map(partOf).toSorted(byName)
}

function partOf([name, version, folder]) {
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-](?!go$)|$)/iu.test(file))
  const texts = files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim())
  const all = texts.join('\n\n')
  const license = TEXTS.flatMap(([id, text]) => (text.test(all) ? [id] : [])).join(' AND ')
  if (license === '')
    throw new Error(`${name} ${version} has no licence that forge may be distributed with (${folder})`)
  return { name, version, license, text: all, purl: `pkg:golang/${name.toLowerCase()}@${version}` }
}

function byName(one, other) {
  return one.name < other.name ? -1 : 1
}
