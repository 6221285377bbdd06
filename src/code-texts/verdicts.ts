import type { VerdictCode } from '../verdict-codes.ts'

/** How it comes to a verdict; the rest is said in verdict-codes.ts. */
export const VERDICT_REASONS: Readonly<Record<VerdictCode, string>> = {
  E_IMAGE_PULL:
    'The image was not pushed under that name, the pull secret is missing or wrong, or the nodes cannot reach the registry.',
  E_CRASH_LOOP:
    'Mostly configuration: a value that the program refuses, a secret that does not fit, a service that it cannot reach.',
  E_OOM_KILLED: 'The limit is too low for this version, or it needs more and more memory until it is killed.',
  E_PROBE_FAILING:
    'The program listens on another port or path than the probe asks, is slower than the probe waits, or is not well.',
  E_UNSCHEDULABLE:
    'Requests are larger than what is free on any node, or no node has the labels, or all have taints that the pod does not tolerate.',
  E_QUOTA:
    'The namespace has used up what its ResourceQuota allows, and a deploy needs room for old and new pods at once.',
  E_CONTAINER_CONFIG: 'A name is mistyped in the chart, or the Secret or ConfigMap was never made in this namespace.',
  E_VOLUME: 'The class is missing or has no room, or another node still holds the volume.',
  E_JOB_FAILED: 'Its program ended with an error at every attempt, or was slower than activeDeadlineSeconds.',
  E_ADMISSION: 'A rule of the cluster (Pod Security, a policy, a LimitRange) forbids pods as the chart makes them.',
  E_INIT_STUCK: 'It waits for something that does not come: a database, a migration, a file.',
  E_INIT_FAILED: 'Its program ends with an error: a setting, a secret, a service that it cannot reach.',
  E_CONTAINER_START:
    '`command` names a program that the image has not, or one of another architecture, or not as an executable file.',
  E_EVICTED: 'The node has too little disk or memory left, or the pod uses more ephemeral storage than it may.',
  E_LOAD_BALANCER:
    'The cluster has no controller for load balancers, or the cloud refuses one: a quota, an address, a subnet.',
  E_RESOURCE_STALLED:
    'The operator says so in the status of the resource: something that it names is wrong or missing.',
  E_NO_OPERATOR:
    'The operator was never installed in this cluster, or somebody took it away or scaled it to 0; its definitions alone make nothing.',
  E_VAULT_NOT_INJECTED:
    'The injector is not installed, or was out of reach when the pod was made and its webhook lets pods pass then, or the webhook leaves the namespace or the pod out.',
  E_VAULT_INIT:
    'The role does not exist or is bound to another ServiceAccount or namespace, its policies do not let it read the path, or Vault is sealed or out of reach from the pod.',
  E_VAULT_TEMPLATE:
    'A path is mistyped or holds nothing, or the template asks for a key that is not there, or for a field of a value that is text.',
  E_PROGRESS_DEADLINE: 'New pods are made and do not become ready, more slowly than the Deployment allows.',
  E_STAGE_TIMEOUT: 'It is slow, or waits for something that nobody can see from outside.',
}
