#!/usr/bin/env node
import module from 'node:module'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  const { runWithNewerNode } = await import('./old-node.js')
  await runWithNewerNode()
} else {
  module.enableCompileCache?.()
  const { main } = await import('../dist/main.js')
  // Not awaited: oclif waits at the end for a drain of stdout that may have happened already, and Node ends a program whose
  // top-level await is left hanging with status 13 instead of the command's own.
  void main(import.meta.url)
}
