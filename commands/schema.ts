import { ForgeCommand } from '../src/cli/forge-command.ts'
import { publishedSchema } from '../src/flows/schema.ts'

export default class Schema extends ForgeCommand {
  static override group = 'set up' as const
  static override summary = 'Print the JSON Schema of forge.yaml, for editors.'
  static override examples = ['<%= config.bin %> schema > forge.schema.json']

  async run(): Promise<Record<string, unknown>> {
    await this.parse(Schema)
    const schema = publishedSchema()
    this.print(JSON.stringify(schema, null, 2))
    return schema
  }
}
