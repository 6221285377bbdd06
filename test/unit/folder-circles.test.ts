import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RuleTester } from 'eslint'
import { describe, test } from '@jest/globals'
import { folderCircles } from '../../lint/folder-circles.js'

const root = mkdtempSync(join(tmpdir(), 'forge-circles-'))
const FILES = {
  'plan/plan.ts': "import { a } from '../deploy/a.ts'\nimport { b } from './b.ts'\n",
  'deploy/a.ts': "import type { c } from '../c.ts'\n",
  'c.ts': "export * from './plan/plan.ts'\n",
  'state/d.ts': "import { a } from '../deploy/a.ts'\nimport { e } from '../../e.ts'\n",
}
for (const [file, text] of Object.entries(FILES)) {
  mkdirSync(join(root, file, '..'), { recursive: true })
  writeFileSync(join(root, file), text)
}
const at = (file: keyof typeof FILES): { filename: string; code: string; options: unknown[] } => ({
  filename: join(root, file),
  code: FILES[file].replace('import type', 'import'),
  options: [{ root }],
})
const found = (from: string, to: string, way: string): { message: string }[] => [
  { message: `${from} and ${to} import each other (${way})` },
]

RuleTester.describe = describe
RuleTester.it = test
new RuleTester().run('folders', folderCircles, {
  valid: [at('state/d.ts')],
  invalid: [
    { ...at('plan/plan.ts'), errors: found('plan', 'deploy', 'deploy → c.ts → plan') },
    { ...at('deploy/a.ts'), errors: found('deploy', 'c.ts', 'c.ts → plan → deploy') },
    { ...at('c.ts'), errors: found('c.ts', 'plan', 'plan → deploy → c.ts') },
  ],
})
