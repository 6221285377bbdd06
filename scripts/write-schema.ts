/** `node scripts/write-schema.ts` writes the published JSON Schema; test/unit/config-schema.test.ts fails when it is old. */
import { writeFileSync } from 'node:fs'
import { publishedSchema } from '../src/flows/schema.ts'

writeFileSync(new URL('../schema/forge.v1.json', import.meta.url), `${JSON.stringify(publishedSchema(), null, 2)}\n`)
