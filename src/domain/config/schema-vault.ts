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

const DEPLOYMENT = 'must be true, or NAMESPACE/NAME of its Deployment'

export function vaultRequirement(kit: Kit) {
  return kit
    .object({
      injector: z
        .union([z.boolean(), z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/u, { error: DEPLOYMENT })], {
          error: DEPLOYMENT,
        })
        .optional()
        .describe("Vault's agent injector: true (whichever is registered), or NAMESPACE/NAME of its Deployment."),
      role: text.optional().describe('A role of the Kubernetes method, bound to the namespace of the environment.'),
      serviceAccount: text.optional().describe('The ServiceAccount that the role must be bound to.'),
      mount: text.optional().describe('Where the Kubernetes method is mounted; kubernetes unless said.'),
      paths: kit
        .entries(text, z.array(text))
        .optional()
        .describe(
          'Paths such as secret/shop/app, each with the keys that it must have; the role must be able to read them.',
        ),
    })
    .refine(
      ({ role, serviceAccount, mount }) => kit.overlay || role !== undefined || (serviceAccount ?? mount) === undefined,
      {
        error: 'must name with "role" the role that the ServiceAccount logs in with',
      },
    )
}
