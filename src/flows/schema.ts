import { jsonSchema } from '../domain/config/schema.ts'

/** What `forge schema` prints; schema/forge.v1.json holds the same (scripts/write-schema.ts). */
export function publishedSchema(): Record<string, unknown> {
  return jsonSchema()
}
