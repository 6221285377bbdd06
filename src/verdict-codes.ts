import { OPERATOR_VERDICTS } from './operator-codes.ts'
import { VAULT_VERDICTS } from './vault-codes.ts'
import type { VerdictText } from './verdict-text.ts'

export type { Advice, VerdictText } from './verdict-text.ts'

/**
 * The codes of workloads that do not become ready, in the order in which people meet them. Exit status 5, or 4 once the
 * previous state is restored.
 */
export const VERDICT_CODES = {
  E_IMAGE_PULL: {
    exit: 5,
    about: 'An image cannot be pulled: it does not exist, the registry refuses access, or it stays out of reach.',
    example: 'app cannot pull image ghcr.io/acme/app:1.4.2: it does not exist',
    counts:
      'Before the deploy, with exit status 3, where the registry says so to forge (docs/images.md, "Pull check"). In it at once: not found, access refused, an invalid name, the wrong platform, an unknown CA, a registry under `.invalid`. When kubelet meets it twice: errors that forge does not know. After `grace.pull` (1m): timeouts, resets, rate limits, 5xx.',
    next: [
      {
        say: 'It does not exist: was it pushed, under exactly that name and tag?',
        run: 'forge render --why VALUE_PATH',
      },
      {
        say: 'Access is refused: do the pods name a pull secret, and is it one for this registry?',
        run: 'kubectl -n NAMESPACE get pod POD -o jsonpath={.spec.imagePullSecrets}',
      },
      {
        say: 'Wrong platform: build it for the architecture of the nodes.',
        run: 'kubectl get nodes -L kubernetes.io/arch',
      },
      { say: 'Out of reach: can the nodes resolve and reach the registry (proxy, firewall, rate limit)?' },
      {
        say: 'Refused before the deploy, and the nodes have a login or a mirror that forge cannot know: `pullCheck: warn` in the environment.',
      },
    ],
  },
  E_CRASH_LOOP: {
    exit: 5,
    about: 'A container of the new version starts and exits, again and again.',
    example: 'app cannot start: it exits with status 1 at once, 3 times',
    counts:
      'The third crash of one container; `allow.crashes` (2) are allowed, because what it needs may still start. A container that came up again and is ready does not count.',
    next: [
      { say: 'Read what it said last.', run: 'kubectl -n NAMESPACE logs POD -c CONTAINER --previous' },
      {
        say: 'Most often it is configuration: the rows `why` and `where` name what this deploy changed.',
        run: 'forge plan --env ENV',
      },
      {
        say: '"Permission denied": the image may be made for root. runAsUser (`user` in the values of a chart by forge init) has to be a user that it is made for; else use an image without root.',
      },
      {
        say: 'Status 0 is not a success here: a server must not end. 137 is a kill, 139 a crash of the program itself.',
      },
    ],
  },
  E_OOM_KILLED: {
    exit: 5,
    about: 'A container needs more memory than its limit, and is killed for it.',
    example: 'app runs out of memory: it is killed at its limit of 256Mi, 2 times',
    counts: 'The second kill; `allow.oomKills` (1) is allowed: the same limit meets the same program again.',
    next: [
      {
        say: 'Raise resources.limits.memory of the container; this names the line that sets it.',
        run: 'forge render --why VALUE_PATH',
      },
      { say: 'Or let the program take less: caches, worker processes, the heap limit of its runtime.' },
      { say: 'How much it took before:', run: 'kubectl -n NAMESPACE top pod POD --containers' },
    ],
  },
  E_PROBE_FAILING: {
    exit: 5,
    about: 'A container runs, but its probe never succeeds, or its liveness probe has it killed.',
    example: 'app runs, but never becomes ready: its readiness probe fails: HTTP probe failed with statuscode: 503',
    counts:
      'When its liveness or startup probe has killed it three times (`allow.crashes`). Otherwise when the progress deadline or the time of the stage is up: nobody can tell slow from never.',
    next: [
      {
        say: 'The probe says what it got. Compare path, port and scheme with what the program serves.',
        run: 'kubectl -n NAMESPACE describe pod POD',
      },
      { say: 'What did the program say meanwhile?', run: 'kubectl -n NAMESPACE logs POD -c CONTAINER' },
      { say: 'It only starts slowly: give it a startupProbe, or the stage more time (`timeout`).' },
    ],
  },
  E_UNSCHEDULABLE: {
    exit: 5,
    about: 'No node takes the pod: too little room, taints, affinity or node selectors.',
    example: 'app fits on no node: no node has enough free cpu',
    counts:
      '`grace.unschedulable` (10s) after it began, and as long after the last pod that was ending is gone. While an autoscaler says that it adds a node, only when the time of the stage is up.',
    next: [
      { say: 'What the scheduler says, node by node:', run: 'kubectl -n NAMESPACE describe pod POD' },
      {
        say: 'Too little room: lower the requests, add a node, or roll out without a surge (maxSurge: 0).',
        run: 'kubectl describe nodes',
      },
      { say: 'Taints and affinity: mend tolerations, nodeSelector or affinity of the pod template.' },
    ],
  },
  E_QUOTA: {
    exit: 5,
    about: "The namespace's quota does not allow the pods.",
    example: 'app cannot create its pods: quota compute is used up (requested: limits.cpu=1, used: 8, limited: 8)',
    counts:
      'At once. While old pods still run or end, `grace.quota` (10s) after the last of them is gone: they give room.',
    next: [
      { say: 'What is used, and what is allowed:', run: 'kubectl -n NAMESPACE describe resourcequota' },
      { say: 'A rollout needs room for its surge: raise the quota, or set maxSurge: 0.' },
      { say: 'A quota that "demands" cpu or memory wants requests and limits in every container.' },
    ],
  },
  E_CONTAINER_CONFIG: {
    exit: 5,
    about: 'A container cannot be set up: a Secret, a ConfigMap or a key that it names does not exist.',
    example: 'app cannot start: Secret/app-secrets has no key oidc_google',
    counts:
      'At once, where forge or the release writes the object, and for runAsNonRoot with an image that runs as root. After `grace.missing` (1m): objects that another controller may still make. After `grace.unknown` (10s): anything else.',
    next: [
      { say: 'Which keys are there (values are not shown)?', run: 'kubectl -n NAMESPACE describe secret NAME' },
      {
        say: 'Add the key under `secrets` or `configMaps` of forge.yaml, or mend its name in the chart.',
        run: 'forge validate',
      },
      {
        say: 'Something else makes it (cert-manager, External Secrets, a Job): see how that stands, deploy it in an earlier stage, or raise grace.missing.',
      },
    ],
  },
  E_VOLUME: {
    exit: 5,
    about: 'A volume cannot be provided, attached or mounted.',
    example: 'postgres cannot start: claim postgres-data is Pending: StorageClass fast does not exist',
    counts:
      'At once: a StorageClass that does not exist, a lost claim, a host path of the wrong type. After `grace.volume` (1m): attach, mount and provisioning errors.',
    next: [
      { say: 'What holds the claim back?', run: 'kubectl -n NAMESPACE describe persistentvolumeclaim NAME' },
      { say: 'Name a class that exists; a claim keeps the class it was made with.', run: 'kubectl get storageclass' },
      {
        say: 'Attached elsewhere: a ReadWriteOnce volume fits one node at a time; let the Deployment use strategy Recreate.',
      },
    ],
  },
  E_JOB_FAILED: {
    exit: 5,
    about: 'A Job used up its attempts or its time.',
    example: 'schema failed: it exits with status 3 at once, 2 attempts',
    counts:
      "The Job's own decision: its backoffLimit or activeDeadlineSeconds. Crashes of its pods count for nothing else.",
    next: [
      { say: 'Read what its last attempt said.', run: 'kubectl -n NAMESPACE logs job/NAME' },
      {
        say: 'Mend the cause and deploy again: forge removes the failed Job first. Jobs must be idempotent.',
        run: 'forge deploy --env ENV',
      },
    ],
  },
  E_ADMISSION: {
    exit: 5,
    about:
      'The API server refuses to create the pods: a policy, a webhook, a limit range or a missing service account.',
    example: 'app cannot create its pods: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    counts:
      'At once: PodSecurity, a LimitRange, a webhook that says no. After `grace.admission` (10s): a webhook that does not answer, a ServiceAccount that does not exist.',
    next: [
      {
        say: 'The sentence is that of the policy. Change the pod template as it says, or the policy.',
        run: 'kubectl -n NAMESPACE get events --field-selector reason=FailedCreate',
      },
      { say: 'PodSecurity is set on the namespace:', run: 'kubectl get namespace NAMESPACE --show-labels' },
      {
        say: 'A webhook does not answer: is its own workload ready?',
        run: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
      },
    ],
  },
  E_INIT_STUCK: {
    exit: 5,
    about: 'An init container runs and does not end, so the containers of the pod never start.',
    example:
      'app cannot start: its init container wait-for-postgres waits for postgres, which is not ready (0/1 ready)',
    counts:
      'When the time of the stage is up. Where the workload that it waits for has failed itself, that is told instead, under its own code.',
    next: [
      { say: 'What does it wait for?', run: 'kubectl -n NAMESPACE logs POD -c INIT_CONTAINER' },
      {
        say: 'Put what it waits for into an earlier stage of forge.yaml, and let the init container give up by itself later than that.',
      },
      { say: 'Does the Service that it asks for select any pods?', run: 'kubectl -n NAMESPACE get endpointslices' },
    ],
  },
  E_INIT_FAILED: {
    exit: 5,
    about: 'An init container keeps failing, so the containers of the pod never start.',
    example: 'app cannot start: its init container migrate exits with status 1 at once, 3 times',
    counts: 'The third failure of one init container (`allow.crashes`, 2).',
    next: [
      { say: 'Read what it said last.', run: 'kubectl -n NAMESPACE logs POD -c INIT_CONTAINER --previous' },
      { say: 'One that waits for another workload: is that in an earlier stage?' },
    ],
  },
  E_CONTAINER_START: {
    exit: 5,
    about: "The container's program cannot be started at all: it is missing, or not executable.",
    example: 'app cannot start: its program /app/server cannot be run (no such file or directory)',
    counts: 'At once: missing, not executable, the wrong platform. After `grace.unknown` (10s): anything else.',
    next: [
      {
        say: 'Check command and args of the container, and the entrypoint of the image: its path, its mode, the first line of a script.',
        run: 'kubectl -n NAMESPACE describe pod POD',
      },
      { say: 'A script with Windows line ends reads as "no such file or directory".' },
    ],
  },
  E_EVICTED: {
    exit: 5,
    about: 'Nodes keep throwing the new pods out, for disk, memory or another limit.',
    example: 'app cannot stay on its nodes: 3 pods were evicted: The node was low on resource: ephemeral-storage',
    counts: 'The third eviction of the pods of one workload; `allow.evictions` (2) are allowed.',
    next: [
      {
        say: 'Set requests (and ephemeral-storage) that match what the program takes.',
        run: 'kubectl -n NAMESPACE describe pod POD',
      },
      { say: 'Or the node itself is full:', run: 'kubectl describe nodes' },
    ],
  },
  E_LOAD_BALANCER: {
    exit: 5,
    about: 'A Service of type LoadBalancer gets no address.',
    example: 'gateway has no address yet: Error syncing load balancer: quota exceeded (stage app waited 3m)',
    counts: 'When the time of the stage is up; clouds take minutes and retry.',
    next: [
      { say: 'What does the controller say?', run: 'kubectl -n NAMESPACE describe service NAME' },
      {
        say: 'A cluster without a load balancer never gives an address: use ClusterIP or NodePort there, or do not wait for it.',
      },
    ],
  },
  ...OPERATOR_VERDICTS,
  ...VAULT_VERDICTS,
  E_PROGRESS_DEADLINE: {
    exit: 5,
    about: 'A Deployment made no progress within its progressDeadlineSeconds, and nothing deeper is known.',
    example: 'app made no progress within its progressDeadlineSeconds',
    counts: 'When Kubernetes says so. Pods that are still being made (a slow pull) have the whole time of the stage.',
    next: [
      { say: 'Look at its conditions and ReplicaSets.', run: 'kubectl -n NAMESPACE describe deployment NAME' },
      { say: 'It is only slow: raise progressDeadlineSeconds of the Deployment.' },
    ],
  },
  E_STAGE_TIMEOUT: {
    exit: 5,
    about: 'A stage was not ready within its time, and nothing looked wrong.',
    example: 'app is not ready: 1/2 available (stage app waited 3m)',
    counts: 'When the time of the stage is up. Whatever looked wrong by then is told under its own code instead.',
    next: [
      { say: 'What is it busy with?', run: 'kubectl -n NAMESPACE describe KIND NAME' },
      {
        say: 'It is only slow: raise `timeout` of the stage in forge.yaml, or once:',
        run: 'forge deploy --env ENV --timeout 10m',
      },
    ],
  },
} as const satisfies Record<string, VerdictText>

export type VerdictCode = keyof typeof VERDICT_CODES

export function verdictText(code: string): VerdictText | undefined {
  return Object.hasOwn(VERDICT_CODES, code) ? VERDICT_CODES[code as VerdictCode] : undefined
}
