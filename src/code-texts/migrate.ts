import type { MIGRATE_CODES } from '../migrate-codes.ts'
import { said, type CodeText } from './text.ts'

export const MIGRATE_TEXTS = {
  E_LEGACY_REMOTE: said(
    'A branch or a tag elsewhere may say something else today than on the day when it was applied.',
    'k8s/base/kustomization.yaml:3 takes github.com/acme/base from elsewhere, which forge does not fetch',
    ['Render it once, and look at it.', 'kubectl kustomize FOLDER > manifests/all.yaml'],
    ['Then name that folder.', 'forge migrate-to-helm --env ENV --from manifests'],
  ),
  E_LEGACY_RENDER: said(
    'A file of the kustomization is missing, or a patch finds nothing to change.',
    'kustomize cannot render k8s/base: no such file app.yaml',
    ['See the whole message.', 'kubectl kustomize FOLDER'],
  ),
  E_LEGACY_SELECTOR: said(
    'A mistyped label would find nothing, and the migration would take over nothing.',
    'nothing in namespace shop has the labels app=shpo',
    ['Which labels are there?', 'kubectl -n NAMESPACE get deployments,statefulsets --show-labels'],
  ),
  E_LEGACY_SOURCE: said(
    'The folder holds other YAML beside the manifests, or is not the one that was applied.',
    'k8s/values.yaml:1: no apiVersion',
    'Move what is no manifest elsewhere, or name the folder that was applied with --from.',
  ),
  E_LEGACY_TWICE: said(
    'The live object came from one of them, and the other would be taken for it.',
    'Service/web is described twice, in web.yaml and old/web.yaml',
    'Take out the one that was not applied last.',
    ['Which one is live?', 'kubectl -n NAMESPACE get KIND NAME -o yaml'],
  ),
  E_BACKUP: said(
    'The backup is the way back by hand if this machine is lost to the run: without it nothing is begun.',
    'the old stack could not be saved: no space left on device',
    ['Make room, or name another folder.', 'forge migrate-to-helm --env ENV --from FOLDER --backup DIR'],
  ),
  E_MIGRATE_BUILT_ON: said(
    'The old stack knows nothing of what later deploys brought.',
    '#5 was deployed since the migration #4',
    ['Which deploys are there?', 'forge history --env ENV'],
    ['Go back to the number of the migration, then undo it.', 'forge rollback NUMBER --env ENV'],
  ),
  E_MIGRATE_CHECK: said(
    'The answers before and after prove that the data is the same; one that fails already proves nothing.',
    'the check in postgres-0 answers 1200, and answered 1204 before',
    ['Ask the same by hand.', 'kubectl -n NAMESPACE exec POD -- COMMAND'],
    'In the sandbox pods are simulated, and cannot be asked.',
  ),
  E_MIGRATE_CLAIM: said(
    'A pod with a new claim begins with an empty volume: the database would look as if its data were gone.',
    'StatefulSet/postgres: the chart mounts data-postgres-0, and the data is in postgres-data',
    'Give the chart the name of the claim that holds the data.',
    ['The data is not needed: agree to leave it.', 'forge migrate-to-helm --env ENV --from FOLDER --confirm NAME'],
  ),
  E_MIGRATE_KIND: said(
    'Both would run at once, on the same volumes.',
    'postgres runs as a Deployment, and the chart renders a StatefulSet',
    'Let the chart render the kind that runs.',
    ['See both.', 'forge migrate-to-helm --env ENV --from FOLDER --dry-run'],
  ),
  E_MIGRATE_NONE: said(
    '--undo was already done, or nothing was migrated here.',
    'no migration of legacy stands, so there is none to undo',
    ['What was deployed?', 'forge history --env ENV'],
  ),
  E_MIGRATE_NOTHING: said(
    'The stack is in another namespace, has other names, or is already Helm’s.',
    'nothing that release app renders is live in namespace shop',
    ['Install it.', 'forge deploy --env ENV'],
  ),
  E_MIGRATE_PENDING: said(
    'After the migration nobody could tell whether it or the old fault keeps the pods from running.',
    'PersistentVolumeClaim/postgres-data is not bound',
    ['Why is it not bound?', 'kubectl -n NAMESPACE describe persistentvolumeclaim NAME'],
  ),
  E_MIGRATE_REMADE: said(
    'Objects keep their uid when they are taken over; another uid means that the old one is gone.',
    'Deployment/app is not the object any more that it was before the migration',
    ['Who did that?', 'kubectl -n NAMESPACE get events'],
    'Then migrate again; the old stack was brought back.',
  ),
  E_MIGRATE_REPLACE: said(
    'Such a field changes only by deleting the object, and what runs would be gone meanwhile.',
    'Deployment/app: spec.selector is app=app, and the chart renders app.kubernetes.io/name=app',
    'Let the chart render what is there; where a Job still runs, wait for it.',
    ['See all differences.', 'forge migrate-to-helm --env ENV --from FOLDER --dry-run'],
  ),
  E_MIGRATE_STATE: said(
    'The way back needs every object as it was, in one Secret of 1 MiB at most.',
    'the old stack takes 1.4 MiB, and a Secret holds 1 MiB',
    ['Migrate one release at a time.', 'forge migrate-to-helm --env ENV --from FOLDER --release NAME'],
  ),
  E_MIGRATE_TWICE: said(
    'Two databases on one volume destroy each other’s files.',
    'StatefulSet/postgres would start on postgres-data, which Deployment/db still uses',
    'Give the workload of the chart the name of the one that runs.',
    ['Or stop that one first.', 'kubectl -n NAMESPACE scale deployment NAME --replicas=0'],
  ),
  E_VALUES_EXISTS: said(
    'Comments and later changes in it would be lost.',
    'values.legacy.yaml is there already, and is not written over',
    ['Give another name, and compare.', 'forge migrate-to-helm --env ENV --from FOLDER --write-values FILE'],
  ),
} as const satisfies Record<keyof typeof MIGRATE_CODES, CodeText>
