import { BACKUP_CODES } from './backup-codes.ts'
import { GITOPS_CODES } from './gitops-codes.ts'
import { IMAGE_CODES } from './image-codes.ts'
import { INIT_CODES } from './init-codes.ts'
import { LOOK_CODES } from './look-codes.ts'
import { MIGRATE_CODES } from './migrate-codes.ts'
import { PAUSE_CODES } from './pause-codes.ts'
import { PLAIN_CODES } from './plain-codes.ts'
import { PREVIEW_CODES } from './preview-codes.ts'
import { SECRET_CODES } from './secret-codes.ts'
import { SOURCE_CODES } from './source-codes.ts'
import { TOOL_CODES } from './tool-codes.ts'
import { VAULT_CODES } from './vault-codes.ts'
import { VERDICT_CODES } from './verdict-codes.ts'

/**
 * Every error that a user can fix, by its code. Codes and exit statuses are public (scripts match on them), so neither
 * ever changes its meaning. `about` is what `forge explain CODE` adds to the one sentence of the error itself.
 * Exit statuses: docs/design.md, "Exit status".
 */
export const CODES = {
  ...VERDICT_CODES,
  ...BACKUP_CODES,
  ...GITOPS_CODES,
  ...IMAGE_CODES,
  ...INIT_CODES,
  ...LOOK_CODES,
  ...MIGRATE_CODES,
  ...PAUSE_CODES,
  ...PLAIN_CODES,
  ...PREVIEW_CODES,
  ...SECRET_CODES,
  ...SOURCE_CODES,
  ...TOOL_CODES,
  ...VAULT_CODES,
  E_API_CONFLICT: {
    exit: 3,
    about: 'Somebody else changed the object at the same moment; the API server kept theirs.',
  },
  E_API_NOT_FOUND: { exit: 3, about: 'The API server knows no such object.' },
  E_API_REFUSED: { exit: 3, about: 'The API server understood the request and refuses it as invalid.' },
  E_BUG: {
    exit: 1,
    about:
      'forge met a state that it does not know, or its machine refused it something (a full disk). The stack tells where: please report it. A deploy that had begun to write went back first, as after any other failure.',
  },
  E_CAPACITY: {
    exit: 3,
    about:
      'No node takes the pods: they ask for more than the nodes have, even empty ones, or labels, taints or affinity keep them away.',
  },
  E_CHART_DEPENDENCY: {
    exit: 3,
    about:
      'The chart names another chart that is not in its folder charts/, and that neither a file:// repository, the cache of helm nor its repository gives in the version of Chart.lock. helm dependency build says what helm makes of it.',
  },
  E_CHART_MISSING: { exit: 3, about: 'The folder or packed chart that a release names has no Chart.yaml.' },
  E_CHART_RENDER: {
    exit: 3,
    about:
      'What a release is made of cannot be had: the chart does not render with these values, or what it gives is not what Kubernetes takes. The message is the reason, the row "where" the template.',
  },
  E_CHART_SIZE: {
    exit: 3,
    about: 'A packed chart, with those packed in it, unpacks to more than 100 MiB, which helm would refuse too.',
  },
  E_CLAIM_GROW: { exit: 3, about: 'A volume claim would grow, and its StorageClass does not allow that.' },
  E_CLAIM_SHRINK: { exit: 3, about: 'A volume claim would shrink; no volume can, and forge never makes one anew.' },
  E_CLUSTER_CREDENTIALS: {
    exit: 7,
    about:
      'There are no credentials that count: the API server refused those of the kubeconfig, or they could not be had (a plugin, a file), or the connection is not trusted, and then it was not asked.',
  },
  E_CLUSTER_IDENTITY: { exit: 3, about: 'The context points at another cluster than forge.yaml names by uid.' },
  E_CLUSTER_UNREACHABLE: {
    exit: 7,
    about: 'No API server answered at the address in the kubeconfig, or only that it cannot answer now.',
  },
  E_CLUSTER_VERSION: { exit: 3, about: 'forge supports Kubernetes 1.30 and newer.' },
  E_CONFIGMAP_INVALID: {
    exit: 3,
    about: 'A source of a ConfigMap cannot be used as it is (its syntax, its size limit of 1 MiB).',
  },
  E_CONFIGMAP_SECRET: {
    exit: 3,
    about: 'A value that looks like a secret would get into a ConfigMap, which anybody may read; omit or allow it.',
  },
  E_CONFIG_INVALID: { exit: 2, about: 'forge.yaml does not fit its schema; `forge schema` prints it.' },
  E_CONFIG_MISSING: { exit: 2, about: 'forge.yaml is looked for in the folder of -C, or here and in those above.' },
  E_CONFIG_SYNTAX: { exit: 2, about: 'forge.yaml is not YAML.' },
  E_CONFIRM_NAME: {
    exit: 3,
    about:
      'Data would be lost for good: that needs --confirm with the name of the environment, and --yes never covers it.',
  },
  E_CONFIRMATION_REQUIRED: {
    exit: 3,
    about: 'The environment is protected: somebody has to agree, on a terminal or with --yes.',
  },
  E_CONTEXT_UNKNOWN: { exit: 2, about: 'The kubeconfig has no context of that name.' },
  E_CRD_MISSING: { exit: 3, about: 'The chart renders a custom resource whose definition is not in the cluster.' },
  E_DATA_LOSS: {
    exit: 3,
    about:
      'Data would go: with an object that the chart no longer renders, with the claims of a StatefulSet that shrinks or goes (persistentVolumeClaimRetentionPolicy), with claims that a deleted object owns, or with a hook that helm makes anew. --confirm NAME says that it may; the annotation `helm.sh/resource-policy: keep` on the live object, or the policy Retain, lets it stay.',
  },
  E_DEPLOY_UNKNOWN: { exit: 2, about: 'The journal keeps no deploy of that number.' },
  E_DRIFT: {
    exit: 3,
    about:
      'Somebody changed a field since the last deploy, and this deploy would take that back. --overwrite-drift does so once; `drift: { preserve: [Kind/name:field] }` in forge.yaml keeps the field.',
  },
  E_ENVIRONMENT_REQUIRED: { exit: 2, about: 'A protected environment is never chosen silently.' },
  E_ENVIRONMENT_UNKNOWN: { exit: 2, about: 'forge.yaml has no environment of that name.' },
  E_FIELD_HELD: {
    exit: 3,
    about:
      'Another manager holds a field that this deploy would change: it declares the field (server-side apply), or set a value that no deploy ever stated. --overwrite-drift takes the field over once; `drift: { preserve: [Kind/name:field] }` leaves it.',
  },
  E_FILE_UNREADABLE: { exit: 3, about: 'A file exists but cannot be read (its permissions, a folder of that name).' },
  E_FILE_UNWRITABLE: { exit: 3, about: 'A file cannot be written (permissions, a full or read-only disk).' },
  E_FORBIDDEN: { exit: 3, about: 'The API server knows who you are, and that you may not do this.' },
  E_GENERATE_PAIR: {
    exit: 3,
    about:
      'Of a certificate and its key only one half is there, or they, or a CA and its bundle, do not belong together: forge neither uses nor replaces them.',
  },
  E_HELM: { exit: 5, about: "helm ended with an error; the message is helm's own reason." },
  E_INTERRUPTED: { exit: 130, about: 'The run was ended by Ctrl-C (130), by SIGTERM or with its terminal (143).' },
  E_JOB_RUNNING: {
    exit: 5,
    about: 'A Job of the revision that runs has not ended; a migration is never cut off in its middle by a rollback.',
  },
  E_JOURNAL_NEWER: {
    exit: 3,
    about: 'A newer forge wrote the last entry of the journal, so what runs is unknown to this one; use that one.',
  },
  E_KIND_UNKNOWN: {
    exit: 3,
    about: 'The cluster serves no such kind: its CRD is not installed, or the apiVersion is not served any more.',
  },
  E_KUBECONFIG_INVALID: { exit: 7, about: 'The kubeconfig cannot be read.' },
  E_KUBECONFIG_MISSING: {
    exit: 7,
    about:
      'No kubeconfig was found: --kubeconfig, KUBECONFIG, ~/.kube/config and in-cluster credentials are tried in this order.',
  },
  E_LOCKED: {
    exit: 6,
    about: 'One deploy at a time: somebody else holds the lock of this project in this namespace, and is alive.',
  },
  E_LOCK_LOST: {
    exit: 6,
    about: 'The lock of this deploy was taken or deleted by somebody else, or could not be renewed for 30 s.',
  },
  E_NAME_UNUSED: {
    exit: 2,
    about:
      'forge.yaml names a chart value, a ConfigMap, a Service or an object that no chart of the project uses or renders: what stands there would have no effect.',
  },
  E_NAMESPACE_MISSING: { exit: 3, about: 'A chart puts an object into another namespace, which nobody makes.' },
  E_NAMESPACE_TERMINATING: {
    exit: 3,
    about: 'The namespace is being deleted; nothing can be created in it until it is gone.',
  },
  E_NOT_AS_PLANNED: {
    exit: 5,
    about:
      'helm ended well, but what it wrote down, or what the cluster holds since, is not what the preview had shown: the deploy is taken back.',
  },
  E_NOT_CONFIRMED: { exit: 3, about: 'The question after the preview was answered with No.' },
  E_NOT_GONE: { exit: 3, about: 'What was deleted stays: its finalizers wait for a controller, or for a person.' },
  E_NOT_SUPPORTED: { exit: 3, about: 'forge.yaml asks for something that this version of forge cannot carry out yet.' },
  E_HOOK_MISSED: {
    exit: 5,
    about:
      'A hook had ended well and was gone before helm began to look, so helm would have waited until its time is up. Give its Job a longer ttlSecondsAfterFinished, or a helm.sh/hook-delete-policy instead.',
  },
  E_OBJECT_GONE: {
    exit: 5,
    about:
      'An object that helm wrote vanished, or a Job was deleted before it had ended: another controller, or somebody, deletes it.',
  },
  E_PLAN_EXPIRED: { exit: 3, about: 'A saved plan is older than --max-age (24 h unless said).' },
  E_PLAN_FILE: {
    exit: 2,
    about: 'The file of --plan is missing, is not a plan, or is for another project or version of forge.',
  },
  E_PLAN_RENDER: {
    exit: 3,
    about: 'The project renders something else than when the plan was saved; make a new plan.',
  },
  E_PLAN_STALE: {
    exit: 3,
    about: 'Objects have changed since the plan was made, so what was agreed to is no longer what would happen.',
  },
  E_PLAN_UNBUILT: {
    exit: 3,
    about:
      'The saved plan was made when sources of an image were not built yet; push the image, and make the plan again.',
  },
  E_PLAN_UNSAVABLE: {
    exit: 3,
    about:
      'Saving the plan would put a secret value into the file: --set has one, or the chart renders a Secret differently each time.',
  },
  E_PROJECT_UNKNOWN: { exit: 2, about: 'The namespace holds no deploy of that project, or of any.' },
  E_RECORD_API: { exit: 3, about: "helm's record names a version of an API that is not served any more: rewrite it." },
  E_RECORD_SIZE: { exit: 3, about: 'helm keeps every revision in one Secret, and a Secret holds 1 MiB.' },
  E_RECORD_UNREADABLE: { exit: 3, about: "helm's record of a revision is garbled, and helm can do nothing with it." },
  E_RELEASE_FOREIGN: {
    exit: 3,
    about:
      'The release is there already, and this project did not deploy it: another project did, or somebody ran helm. --adopt takes it over, with all that it is made of.',
  },
  E_RELEASE_MOVED: {
    exit: 5,
    about:
      'Somebody else ran helm while forge took a release back; forge stopped, because two at once would tear it apart.',
  },
  E_RELEASE_NEEDED: {
    exit: 3,
    about: 'With --only a release is deployed without what it needs, so that must be deployed already.',
  },
  E_RELEASE_PENDING: {
    exit: 3,
    about:
      "A helm run that was not forge's was killed in the middle, or runs still; helm refuses everything until the release is put right.",
  },
  E_RELEASE_UNKNOWN: { exit: 2, about: 'forge.yaml has no release of that name.' },
  E_REQUIRED_CRD: {
    exit: 3,
    about: 'forge.yaml requires a definition of custom resources that the cluster does not serve.',
  },
  E_REQUIRED_NODES: {
    exit: 3,
    about: 'forge.yaml requires nodes with certain labels, and they are not there or do not offer so much together.',
  },
  E_REQUIRED_OPERATOR: {
    exit: 3,
    about:
      'forge.yaml requires an operator, and no workload of that name or label (app.kubernetes.io/name, instance, part-of, or app) has an available pod.',
  },
  E_REQUIRED_SECRET: {
    exit: 3,
    about: 'forge.yaml requires a Secret that somebody else makes, and it is not there or lacks a key.',
  },
  E_REQUIRED_SERVICE: {
    exit: 3,
    about: 'forge.yaml requires a Service, and it is not there, has no such port, or nothing behind it is ready.',
  },
  E_REQUIRED_STORAGE: {
    exit: 3,
    about: 'forge.yaml requires a StorageClass of a name, or some default one, and the cluster has none.',
  },
  E_ROLLBACK_DIFFERS: {
    exit: 5,
    about: 'helm has rolled back and all is ready, but objects are not as the target deploy had them.',
  },
  E_ROLLBACK_REVISION: {
    exit: 3,
    about: 'helm keeps only the newest revisions of a release, and the one of that deploy is gone.',
  },
  E_ROLLBACK_SECRET: {
    exit: 3,
    about: 'A key of a secret may not go back (rollback: refuse), or what it would go back to is of no use any more.',
  },
  E_ROLLBACK_TARGET: {
    exit: 3,
    about: 'There is no such deploy to go back to, it was never ready, or without a number none is left to choose.',
  },
  E_SANDBOX_BINARY: { exit: 3, about: 'FORGE_SANDBOX_BIN names no program that can be run.' },
  E_SANDBOX_BUILD: { exit: 3, about: 'The control plane of the sandbox could not be built from its Go sources.' },
  E_SANDBOX_CRASHED: {
    exit: 3,
    about:
      'A program of the sandbox ended by itself, and the rest was stopped. Its logs are kept until `forge sandbox down`; those of a rehearsal are not.',
  },
  E_SANDBOX_NOT_RUNNING: { exit: 8, about: 'There is no running sandbox of that name.' },
  E_SANDBOX_START: { exit: 3, about: 'The sandbox did not become ready.' },
  E_SANDBOX_STUCK: { exit: 3, about: 'A process of a sandbox did not end, though it was killed; its files were left.' },
  E_SCHEMA_GATE: {
    exit: 3,
    about: 'The code of that deploy cannot work with the schema that the database has by now; only newer code can.',
  },
  E_STAGE_TARGET: { exit: 2, about: 'A stage waits for a workload that no chart of the project renders.' },
  E_STORAGE_CLASS: { exit: 3, about: 'A claim would never be bound, because its StorageClass does not exist.' },
  E_TRANSFORM: { exit: 3, about: 'A transform module of the project cannot be loaded, or its function fails.' },
  E_UNTRUSTED: {
    exit: 3,
    about:
      'The checkout asks for what --untrusted (or FORGE_UNTRUSTED) keeps from it, because strangers may have changed it: to run something, to open files outside the project, variables, the cluster through a chart, the network.',
  },
  E_USAGE: { exit: 2, about: 'The command line is wrong; `--help` shows what is right.' },
  E_VALUES_SCHEMA: { exit: 3, about: "The chart's values.schema.json rejects a value." },
  E_VALUES_SECRET: { exit: 3, about: "A chart value holds the value of a secret; helm's record would keep it." },
  E_VALUES_SYNTAX: { exit: 2, about: 'A values file, or a --set, cannot be parsed.' },
  E_VERIFY: { exit: 5, about: 'All is ready, but a check under `verify` did not get the answer that it wants.' },
} as const satisfies Record<string, { exit: number; about: string }>
