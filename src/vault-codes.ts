import type { VerdictText } from './verdict-text.ts'

/** The codes of what pods need of Vault, checked before a deploy; part of the table of all codes (error-codes.ts). */
export const VAULT_CODES = {
  E_VAULT_INJECTOR: {
    exit: 3,
    about: "Pods ask for Vault's agent by their annotations, and nothing in the cluster would give them one.",
  },
  E_VAULT_PATH: { exit: 3, about: 'A path of Vault, or a key of it, that pods read is not there.' },
  E_VAULT_POLICY: {
    exit: 3,
    about: 'The policies of the role that pods log in with do not let it read what they need.',
  },
  E_VAULT_ROLE: {
    exit: 3,
    about:
      'The role of Vault that pods log in with does not exist, or is not bound to their ServiceAccount and namespace.',
  },
} as const

/** Of pods with an agent of Vault, or without the one that they ask for. */
export const VAULT_VERDICTS = {
  E_VAULT_NOT_INJECTED: {
    exit: 5,
    about: "Pods ask for Vault's agent by their annotations, and were made without one. They never get it.",
    example:
      'worker gets no agent of Vault: Deployment/vault-agent-injector in namespace vault has no available pod, and MutatingWebhookConfiguration/vault-agent-injector-cfg lets pods pass without it (failurePolicy Ignore)',
    counts: 'At once. Before the deploy, with exit status 3, where a dry run says so (E_VAULT_INJECTOR).',
    next: [
      {
        say: 'How is the webhook registered, and for which namespaces?',
        run: 'kubectl get mutatingwebhookconfigurations',
      },
      { say: 'Does the injector run?', run: 'kubectl get deployments --all-namespaces' },
      { say: 'Then deploy again: pods that were made without an agent stay without.', run: 'forge deploy --env ENV' },
    ],
  },
  E_VAULT_INIT: {
    exit: 5,
    about: "Vault's agent cannot log in, or may not read what the pod needs before it starts.",
    example:
      "worker cannot start: Vault's agent cannot log in by role worker at auth/kubernetes: service account name not authorized",
    counts: 'After `grace.vault` (30s): the agent tries again for minutes, in case somebody mends it.',
    next: [
      { say: 'What does it say?', run: 'kubectl -n NAMESPACE logs POD -c vault-agent-init' },
      { say: 'To whom is the role bound?', run: 'vault read auth/kubernetes/role/ROLE' },
      { say: 'The least policy and role that the pods need, to be pasted:', run: 'forge vault policy --env ENV' },
    ],
  },
  E_VAULT_TEMPLATE: {
    exit: 5,
    about:
      "A file that Vault's agent is to write cannot be made: nothing is at its path, or its template asks for what is not there.",
    example: "worker cannot start: Vault's agent finds nothing at secret/data/shop/app (role worker)",
    counts:
      'After `grace.vault` (30s), or when the agent has failed three times (`allow.crashes`). A key that is missing fails only where the template is strict (error-on-missing-key): else the agent writes `<no value>`, which the checks before a deploy find (E_VAULT_PATH).',
    next: [
      { say: 'What is there?', run: 'vault kv get PATH' },
      { say: 'What does the agent say?', run: 'kubectl -n NAMESPACE logs POD -c vault-agent-init' },
      { say: 'Where does the annotation come from?', run: 'forge render --why VALUE_PATH' },
    ],
  },
} as const satisfies Record<string, VerdictText>
