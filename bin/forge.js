#!/usr/bin/env node
import module from 'node:module'
import { isAbsolute, join } from 'node:path'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  const { runWithNewerNode } = await import('./old-node.js')
  await runWithNewerNode()
} else {
  const folder = codeCache()
  if (folder !== undefined) module.enableCompileCache?.(folder)
  // A shell asks at each press of Tab (`forge completion`), and waits.
  const { main } = await import(process.argv[2] === '__complete' ? '../dist/complete.js' : '../dist/main.js')
  // Not awaited: oclif waits at the end for a drain of stdout that may have happened already, and Node ends a program whose
  // top-level await is left hanging with status 13 instead of the command's own.
  void main(import.meta.url)
}

/** Node's own place for it is in the temporary folder, where somebody else may have put code that forge would run. */
function codeCache() {
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME = '', HOME, USERPROFILE } = process.env
  if (NODE_COMPILE_CACHE !== undefined) return NODE_COMPILE_CACHE
  const home = HOME ?? USERPROFILE ?? ''
  const cache = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(home, '.cache')
  return isAbsolute(cache) ? join(cache, 'forge', 'code') : undefined
}
