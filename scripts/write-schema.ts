/** `node scripts/write-schema.ts` writes the published JSON Schemas; test/unit/config-schema.test.ts fails when one is old. */
import { writeFileSync } from 'node:fs'
import { eventsJsonSchema } from '../src/domain/events/schema.ts'
import { publishedSchema } from '../src/flows/schema.ts'

for (const [name, schema] of Object.entries({ 'forge.v1': publishedSchema(), 'events.v1': eventsJsonSchema() }))
  writeFileSync(new URL(`../schema/${name}.json`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`)
