import type { PREVIEW_CODES } from '../preview-codes.ts'
import { said, type CodeText } from './text.ts'

export const PREVIEW_TEXTS = {
  E_CRD_INSTANCES: said(
    'The API server takes a stricter definition, and then refuses every later change of the objects that do not meet it.',
    'definition backups.acme.io: Backup/nightly lacks spec.keep, which is required now',
    ['See them.', 'kubectl get KIND --all-namespaces'],
    'Change those objects first; or leave the field optional in the chart.',
  ),
  E_CRD_VERSION: said(
    'Objects that are stored in a version that no definition has cannot be read any more.',
    'definition backups.acme.io: v1alpha1 is in status.storedVersions: migrate them to another version first',
    ['Which versions are stored?', 'kubectl get crd NAME -o jsonpath={.status.storedVersions}'],
    'Or keep the version in the chart, with `served: false`.',
  ),
  E_HOOK_DEADLOCK: said(
    'helm runs the hooks first and waits for them; what the release itself makes comes after.',
    'hook Job/migrate needs Secret/app-secrets of the same release: neither would ever come',
    'Make that object a hook with a lower weight, or run the hook after the release.',
    ['See the hooks.', 'forge render --env ENV'],
  ),
  E_HOOK_LEFT: said(
    'helm makes a hook anew at each deploy, and cannot while the old one is there.',
    'Job/migrate is there from #41, and its hook-delete-policy lacks before-hook-creation',
    ['Read its log.', 'kubectl -n NAMESPACE logs job/NAME'],
    ['Then delete it.', 'kubectl -n NAMESPACE delete job NAME'],
    'Better: add before-hook-creation to helm.sh/hook-delete-policy in the chart.',
  ),
  E_OBJECT_IMMUTABLE: said(
    'Selectors, the claims of a StatefulSet and some more are fixed when the object is made.',
    'StatefulSet/postgres: spec.volumeClaimTemplates cannot be changed',
    ['See the field, and who gives it.', 'forge plan --env ENV --full'],
    'Keep its old value in the chart, or give the object a new name.',
  ),
  E_OBJECT_INVALID: said(
    'A mistyped field, a wrong type, or a policy of the cluster: better here than in the middle of the deploy.',
    'Deployment/web: spec.template.spec.hostNetwrok: field not declared in schema',
    ['See what is rendered.', 'forge render --env ENV'],
    'The row `where` names the template.',
  ),
  E_OBJECT_OWNED: said(
    'Its labels say that another release or tool made it; two owners would take turns at changing it.',
    'Service/web exists already in release old; release shop would have to take it over',
    ['Whose is it?', 'kubectl -n NAMESPACE get KIND NAME -o yaml'],
    'Rename it in the chart, or say `takesOver` of the release in forge.yaml.',
  ),
  E_OBJECT_TERMINATING: said(
    'It was deleted, and a finalizer only holds it until its pods are gone.',
    'PersistentVolumeClaim/data-postgres-0 is being deleted',
    ['Save what is on it, while its pods run.', 'kubectl -n NAMESPACE exec POD -- pg_dumpall'],
    'Let it go then, and deploy again.',
  ),
  E_OBJECT_TWICE: said(
    'helm writes both, one over the other, in an order that nobody said.',
    'ConfigMap/settings is rendered by templates/a.yaml and by charts/b/templates/a.yaml',
    ['See both.', 'forge render --env ENV'],
    'Give one of them another name, or turn one off by a value.',
  ),
  E_TAKE_OVER: said(
    'An object is handed over as it is: a field that cannot change in place, or a release that is not deployed with it, prevents that.',
    'StatefulSet/postgres: spec.serviceName differs: both go together',
    ['Deploy both releases together; see the field.', 'forge plan --env ENV --full'],
  ),
  E_OWN_NAMESPACE: said(
    'helm would delete the namespace with everything in it when the release goes.',
    'the chart of app renders Namespace/shop, the namespace of its own release',
    'Turn that off by a value of the chart (often `namespace.create`).',
    ['See what renders it.', 'forge render --env ENV'],
  ),
  E_PAUSED: said(
    'A paused workload takes a change and makes no pods of it: the deploy would wait for nothing.',
    'Deployment/app is paused (spec.paused)',
    ['Let it go.', 'kubectl -n NAMESPACE rollout resume deployment NAME'],
    'Where the chart itself pauses it, mend the chart.',
  ),
  E_RELEASE_ELSEWHERE: said(
    'helm knows a release by its name and its namespace: the old one would go on running beside the new.',
    'release app lives in namespace shop, and forge.yaml says shop-new',
    ['See what runs where.', 'helm list --all-namespaces'],
    'Give it back its namespace; or take it away there first, with its data in mind.',
  ),
  E_STILL_USED: said(
    'Pods that name an object which is gone do not start any more, at the latest when they restart.',
    'ConfigMap/settings would go, and Deployment/web still names it',
    ['See what would go.', 'forge plan --env ENV'],
    'State the field that names it in the chart, with its new value.',
  ),
  E_WEBHOOK_DOWN: said(
    'The API server asks it before it writes, and with `failurePolicy: Fail` no answer is a No.',
    'webhook validate.cert-manager.io does not answer: no endpoints available',
    ['Which are there, and whose?', 'kubectl get validatingwebhookconfigurations'],
    'Bring its operator back, or delete its configuration if nobody needs it any more.',
  ),
  E_REHEARSAL: said(
    'The environment was only read. What the sandbox shows is what a deploy tonight would meet; what it does not have is under "not rehearsed".',
    "tonight's deploy would fail: app crashes (exit 1)",
    ['The deploy itself fails: mend it, then once more.', 'forge rehearse --env ENV'],
    ['Else once more, with that failure alone:', 'forge rehearse --env ENV --fail COMPONENT=FAILURE'],
  ),
} as const satisfies Record<keyof typeof PREVIEW_CODES, CodeText>
