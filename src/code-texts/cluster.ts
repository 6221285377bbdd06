import { said, type CodeText } from './text.ts'

/** Getting to the cluster, what it serves, the sandbox, and forge itself. */
export const CLUSTER_TEXTS = {
  E_API_CONFLICT: said(
    'A controller or another person wrote the object between the reading and the writing.',
    'Secret/app-secrets: the object has been modified',
    [
      'Run the same again. If it stays, see who writes.',
      'kubectl -n NAMESPACE get KIND NAME -o yaml --show-managed-fields',
    ],
  ),
  E_API_NOT_FOUND: said(
    'It was deleted meanwhile, or is in another namespace.',
    'Job/migrate: jobs.batch "migrate" not found',
    ['See what is there.', 'kubectl -n NAMESPACE get KIND'],
  ),
  E_API_REFUSED: said(
    'The object breaks a rule of its kind; the message is the own one of the API server.',
    'Service/web: spec.ports[0].port: Invalid value: 0',
    ['See what would be written.', 'forge render --env ENV'],
  ),
  E_BUG: said(
    'It is a fault of forge, not of your project; or the machine has no room or memory left.',
    "Cannot read properties of null (reading 'name')",
    ['How does it stand now?', 'forge status --env ENV'],
    ['Report it with the version, and the stack that the last line names.', 'forge --version'],
  ),
  E_CLUSTER_CREDENTIALS: said(
    'A token or a client certificate has expired, a login plugin fails, or the certificate of the server is signed by nobody you know.',
    'the credentials of user ops are refused: Unauthorized',
    ['Log in again, then ask who you are.', 'kubectl --context CONTEXT auth whoami'],
  ),
  E_CLUSTER_IDENTITY: said(
    'Kubeconfigs are copied and changed; the uid in forge.yaml keeps a deploy for one cluster out of another.',
    'context prod leads to cluster 1f3c…, but environment prod belongs to 8be0…',
    ['Which cluster is it?', 'kubectl get namespace kube-system -o jsonpath={.metadata.uid}'],
    'If the cluster was made anew, put its uid into forge.yaml.',
  ),
  E_CLUSTER_UNREACHABLE: said(
    'A VPN or a firewall stands between, the cluster is off, or it is overloaded and answers 429 or 5xx.',
    'https://10.0.0.1:6443 does not answer: connection refused',
    ['Does anything answer?', 'kubectl --context CONTEXT cluster-info'],
    ['Is it a sandbox?', 'forge sandbox status'],
  ),
  E_CLUSTER_VERSION: said(
    'Older API servers lack what forge reads and tries its changes with.',
    'the cluster runs Kubernetes 1.28.4, and forge needs 1.30 or newer',
    ['What does it run?', 'kubectl --context CONTEXT version'],
    'Upgrade the cluster.',
  ),
  E_CRD_MISSING: said(
    'Definitions of custom resources are installed with their operator, mostly once for the whole cluster.',
    'Cluster/postgres: the cluster has no definition of clusters.postgresql.cnpg.io',
    ['Which are there?', 'kubectl get customresourcedefinitions'],
    'Install the operator, or put the definition into crds/ of the chart.',
  ),
  E_FORBIDDEN: said(
    'Your role lacks a verb on a kind. A plan needs less than a deploy.',
    'you may not create secrets in namespace shop',
    ['The least rights that this project needs, for whoever may grant them.', 'forge rbac --env ENV'],
    ['Ask the API server.', 'kubectl -n NAMESPACE auth can-i --list'],
  ),
  E_KIND_UNKNOWN: said(
    'An apiVersion was removed by an upgrade of the cluster, or a definition is not installed.',
    'Ingress/web: the cluster does not serve networking.k8s.io/v1beta1',
    ['What does it serve?', 'kubectl api-resources'],
    'Use an apiVersion that is served, in the chart.',
  ),
  E_KUBECONFIG_INVALID: said(
    'It is no YAML, a file that it names is missing, or its context names a cluster or user that it does not have.',
    'context prod names a cluster that ~/.kube/config does not describe',
    ['See how kubectl reads it.', 'kubectl config view'],
  ),
  E_KUBECONFIG_MISSING: said(
    'A new machine or a pipeline has none yet.',
    'no kubeconfig: ~/.kube/config is not there',
    ['Name one.', 'forge status --env ENV --kubeconfig FILE'],
    ['Or take a cluster on this machine.', 'forge sandbox up'],
  ),
  E_NAMESPACE_MISSING: said(
    'forge makes the namespaces of the environment and of its releases, but no other.',
    'Role/reader goes into namespace monitoring, which is not there, and no chart of the project makes it',
    ['Make it.', 'kubectl create namespace NAME'],
    'Or let the chart render it.',
  ),
  E_NAMESPACE_TERMINATING: said(
    'Somebody deleted it, and what is in it goes first; a finalizer may hold it for long.',
    'namespace shop is being deleted, nothing can be created in it',
    ['What holds it?', 'kubectl get namespace NAMESPACE -o jsonpath={.status.conditions}'],
    ['Wait until it is gone.', 'kubectl wait --for=delete namespace/NAMESPACE'],
  ),
  E_SANDBOX_BINARY: said(
    'The variable is left from another machine or checkout.',
    '/opt/sandbox, named by FORGE_SANDBOX_BIN, is not a program',
    ['Do without it.', 'unset FORGE_SANDBOX_BIN'],
  ),
  E_SANDBOX_BUILD: said(
    'Go is missing or too old, its modules cannot be fetched, or there is no room.',
    'go build failed: no space left on device',
    ['Build it alone, with all that Go says.', 'forge sandbox build'],
    'The package of the sandbox of a release needs no Go.',
  ),
  E_SANDBOX_CRASHED: said(
    'etcd, the API server or a controller met a fault, was killed, or had no memory or disk.',
    'the apiserver of sandbox default ended with status 1',
    ['Read what it said.', 'forge sandbox logs PROGRAM'],
    ['Then begin anew.', 'forge sandbox down && forge sandbox up'],
  ),
  E_SANDBOX_NOT_RUNNING: said(
    'It was never started, was taken down, or the machine was started anew.',
    'the sandbox default is not running',
    ['Start it.', 'forge sandbox up'],
  ),
  E_SANDBOX_START: said(
    'One of its programs did not come up in time: a slow disk, no memory, or a port that something else took.',
    'the sandbox default did not start: the apiserver is not ready',
    ['Read what a program said.', 'forge sandbox logs PROGRAM'],
    ['Then begin anew.', 'forge sandbox down && forge sandbox up'],
  ),
  E_SANDBOX_STUCK: said(
    'The kernel ends no process that waits for a disk; a network disk may not answer.',
    'a process of the sandbox default still runs, though it was killed',
    ['What does it wait for? D in STAT is a disk.', 'ps -A -o pid,stat,wchan,args'],
    ['End it once the disk answers.', 'forge sandbox down'],
  ),
} as const satisfies Record<string, CodeText>
