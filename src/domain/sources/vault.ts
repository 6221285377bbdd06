import { textOf, type SourceType } from './source-type.ts'

interface VaultSource {
  readonly kind: 'vault'
  /** `secret/shop/app`, or as its API and the agent's annotations have it: `secret/data/shop/app`. */
  readonly secret: string
  readonly key: string
}

export const VAULT: SourceType<VaultSource> = {
  details: ['key'],
  needs: ['key'],
  parse: (raw) => ({ kind: 'vault', secret: textOf(raw, 'vault'), key: textOf(raw, 'key') }),
  describe: ({ secret, key }) => `${key} of ${secret} in Vault`,
  isElsewhere: true,
  keeper: 'Vault',
  refused: ({ secret }) => ({ message: `would read ${secret} from Vault` }),
}
