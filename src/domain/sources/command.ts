import type { SourceType } from './source-type.ts'

interface CommandSource {
  readonly kind: 'command'
  readonly argv: readonly string[]
}

export const COMMAND: SourceType<CommandSource> = {
  details: [],
  needs: [],
  parse: (raw) => {
    const { command } = raw as { command: string | readonly string[] }
    return { kind: 'command', argv: typeof command === 'string' ? [command] : command }
  },
  describe: ({ argv }) => `command ${argv[0] ?? ''}`,
  isElsewhere: true,
  refused: ({ argv }) => ({ message: `would run the program ${argv[0] ?? ''}` }),
}
