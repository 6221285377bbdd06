/** `node scripts/write-verdicts.ts` writes docs/verdicts.md; test/unit/docs.test.ts fails when it is old. */
import { writeFileSync } from 'node:fs'
import { verdictsPage } from './verdicts-page.ts'
import { VERDICT_CODES } from '../src/verdict-codes.ts'

writeFileSync(new URL('../docs/verdicts.md', import.meta.url), verdictsPage(VERDICT_CODES))
