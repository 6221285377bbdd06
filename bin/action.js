#!/usr/bin/env node
// What action.yml starts: one step of a workflow (docs/ci.md).
import { existsSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  const { runWithNewerNode } = await import('./old-node.js')
  await runWithNewerNode()
} else if (!existsSync(new URL('../dist/action.js', import.meta.url))) {
  process.stdout.write(
    '::error title=forge::this ref of the action has no built forge in it: a release has it at its tags v1 and action-v1.2.3\n',
  )
  process.exitCode = 1
} else {
  const { action } = await import('../dist/action.js')
  process.exitCode = await action(process.env, (line) => process.stdout.write(`${line}\n`))
}
