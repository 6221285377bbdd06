import type { VAULT_CODES } from '../vault-codes.ts'
import { said, type CodeText } from './text.ts'

export const VAULT_TEXTS = {
  E_VAULT_INJECTOR: said(
    'The injector is not installed or has no pod that runs, its webhook leaves the namespace or the pods out, or a dry run of such a pod came back without an agent. The pods would start without their secrets.',
    'pods of Deployment/worker would get no agent of Vault: Deployment/vault-agent-injector in namespace vault has no available pod, and MutatingWebhookConfiguration/vault-agent-injector-cfg lets pods pass without it (failurePolicy Ignore)',
    ['How is it registered?', 'kubectl get mutatingwebhookconfigurations'],
    ['Does it run?', 'kubectl get deployments --all-namespaces'],
    'Nothing in this environment needs the agent: let the chart leave the annotations out there.',
  ),
  E_VAULT_PATH: said(
    'A mistyped path or key, or a secret that nobody has put there yet. The agent waits for a path for ever; a key that is missing it renders as `<no value>`, and the program starts with that.',
    'secret/data/shop/app in Vault, which Deployment/worker reads by role worker, has no key pasword; did you mean "password"?',
    ['Which keys are there?', 'vault kv get PATH'],
    'Put it there, or mend the annotations of the chart.',
  ),
  E_VAULT_POLICY: said(
    'The policy speaks of another path (version 2 of a KV engine has `data/` in it), of no `read`, or is not that of the role.',
    'secret/data/shop/app in Vault, which Deployment/worker reads, may not be read by role worker, which has policy worker (policies speak of secret/data/shop/app)',
    ['The least that is needed, to be pasted:', 'forge vault policy --env ENV'],
    ['What has the role now?', 'vault read auth/kubernetes/role/ROLE'],
  ),
  E_VAULT_ROLE: said(
    'Nobody made the role, or it is bound to another ServiceAccount, namespace or audience than that of the pods.',
    'role worker in Vault, by which Deployment/worker logs in, at auth/kubernetes is bound to namespace staging, and not to prod',
    ['The least that is needed, to be pasted:', 'forge vault policy --env ENV'],
    ['To whom is it bound?', 'vault read auth/kubernetes/role/ROLE'],
  ),
} as const satisfies Record<keyof typeof VAULT_CODES, CodeText>
