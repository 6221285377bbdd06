import type { VerdictText } from './verdict-text.ts'

/** Of resources on which an operator acts. */
export const OPERATOR_VERDICTS = {
  E_RESOURCE_STALLED: {
    exit: 5,
    about: 'The controller of a custom resource reports that it has given up, or something wrong that lasts.',
    example: 'db is stalled: Cluster has incomplete or invalid image catalog',
    counts:
      'At once: condition Stalled or Failed, a CRD whose names are taken, a phase in which CloudNativePG waits for people. After `grace.controller` (30s) or `grace.missing` (1m): what its controller tries again, or what another object would mend (docs/readiness.md, "Operators"). When the time of the stage is up: what it waits for.',
    next: [
      { say: 'Its conditions say why.', run: 'kubectl -n NAMESPACE describe KIND NAME' },
      { say: 'The log of its operator says more.' },
    ],
  },
  E_NO_OPERATOR: {
    exit: 5,
    about: 'Nothing acts on a custom resource: the operator of its kind does not run in the cluster.',
    example:
      'db is not ready: nothing acts on it: no CloudNativePG operator runs here (Deployment cnpg-controller-manager not found)',
    counts:
      'After `grace.controller` (30s), where it has written no status for this spec and is not there, or is scaled to 0. When the time of the stage is up: it is there, and no pod of it is available.',
    next: [
      {
        say: 'Is it there, under whatever name?',
        run: 'kubectl get deployments,statefulsets,daemonsets --all-namespaces',
      },
      { say: 'Name it under requirements.operators: then no deploy begins without it.' },
    ],
  },
} as const satisfies Record<string, VerdictText>
