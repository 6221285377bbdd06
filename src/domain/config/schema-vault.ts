import * as z from 'zod'
import type { Kit } from './schema-kit.ts'
import { text } from './schema-kit.ts'

export function vaultSchema(kit: Kit) {
  const auth = kit
    .object({
      method: kit.needed(z.enum(['jwt', 'kubernetes'], { error: 'must be jwt or kubernetes' })),
      role: kit.needed(text).describe('The role of Vault that the login asks for.'),
      mount: text.optional().describe('Where the method is mounted; its name unless said.'),
      jwt: kit
        .sourceMap({})
        .refine((source) => source.literal === undefined, {
          error: 'must not have the token itself, which is a secret: say where it is, such as { env: VAULT_JWT }',
        })
        .optional()
        .describe(
          "The pipeline's token, such as { env: VAULT_JWT }; with kubernetes that of the pod's ServiceAccount unless said.",
        ),
    })
    .refine((given) => kit.overlay || given.method !== 'jwt' || given.jwt !== undefined, {
      error: 'must say with "jwt" where the token of the pipeline is, such as { env: VAULT_JWT }',
    })
    .describe('How forge logs in where VAULT_TOKEN is not set.')
  return kit.object({
    address: z
      .string()
      .regex(/^https?:\/\/[^/\s]+\/?$/u, { error: 'must be an address such as https://vault.example.com:8200' })
      .optional()
      .describe('Where it is; VAULT_ADDR goes before it.'),
    namespace: text.optional().describe('A namespace of Vault Enterprise or OpenBao; VAULT_NAMESPACE goes before it.'),
    ca: text.optional().describe('A PEM file with the CA of its certificate; VAULT_CACERT goes before it.'),
    auth: auth.optional(),
  })
}
