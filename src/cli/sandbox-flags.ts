import * as Flags from '@oclif/core/flags'

export const sandboxFlags = {
  name: Flags.string({ description: 'which one, of several side by side (default: $FORGE_SANDBOX, else "default")' }),
}
