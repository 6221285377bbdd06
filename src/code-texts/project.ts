import { said, type CodeText } from './text.ts'

/** forge.yaml, the files that it names, the command line. */
export const PROJECT_TEXTS = {
  E_CHART_DEPENDENCY: said(
    'Charts of other repositories are not kept in git mostly. forge fetches them once, in the version of Chart.lock; a repository that does not answer, a login that helm does not have, or a Chart.lock that is missing or too old end like this.',
    'chart ./chart needs redis 20.1.0, which is not in chart/charts, and https://charts.example gave none: no such host',
    ['Without a connection: fetch it where there is one, and keep charts/.', 'helm dependency build CHART'],
    ['Is Chart.lock that of this Chart.yaml?', 'helm dependency update CHART'],
  ),
  E_CHART_MISSING: said(
    'The path of `releases.*.chart` is meant from the folder of forge.yaml; a moved folder or a submodule that was not fetched ends like this.',
    'release app: there is no Chart.yaml in ./chart',
    ['Is the folder there?', 'ls CHART'],
    'Else mend `chart` of the release in forge.yaml.',
  ),
  E_CHART_RENDER: said(
    'A template fails (`required`, `fail`, a nil value), or what it makes is no YAML or no object of Kubernetes.',
    'the chart does not render: templates/app.yaml:14: app.image is required',
    ['See where the value comes from.', 'forge render --env ENV --why VALUE_PATH'],
    'Where the template itself is wrong, the row `where` names its line.',
  ),
  E_CHART_SIZE: said(
    'helm reads a packed chart as a whole, and has the same limit.',
    'chart-1.2.0.tgz unpacks to more than 100 MiB',
    'Leave out what the chart does not need (.helmignore), and pack it anew.',
  ),
  E_COMPONENT_UNKNOWN: said(
    'Components are known by the label app.kubernetes.io/component, else by the name of the workload.',
    'nothing in namespace shop is called wroker; did you mean "worker"?',
    ['See what there is.', 'forge status --env ENV'],
  ),
  E_CONFIGMAP_INVALID: said(
    'The API server takes no ConfigMap of more than 1 MiB, and a dotenv file has to be readable as one.',
    '.env:12: a quote is not closed',
    'Mend the file at the line that is named; a large file belongs into an image or a volume.',
    ['Check again.', 'forge validate --env ENV'],
  ),
  E_CONFIGMAP_SECRET: said(
    'Whoever may read the namespace reads its ConfigMaps, and helm keeps them in its record.',
    '.env:7: DB_PASSWORD looks like a secret and would get into ConfigMap app-env',
    'It is a secret: `omit` it from the ConfigMap, and name it under `secrets` in forge.yaml.',
    'It is none: name it under `allow` of that ConfigMap.',
  ),
  E_CONFIG_INVALID: said(
    'A key is mistyped, missing, or of another type; keys that forge does not know are never passed over.',
    'forge.yaml:14:3: unknown key "chrat"; did you mean "chart"?',
    ['All errors, each with its line.', 'forge validate'],
    ['Give your editor the schema.', 'forge schema > forge.schema.json'],
  ),
  E_CONFIG_MISSING: said(
    'forge was started outside the project, or -C names another folder.',
    'there is no forge.yaml in /home/ops or above it',
    ['Name the folder of the project.', 'forge status -C DIR'],
    ['What needs no checkout takes the namespace instead.', 'forge status -n NAMESPACE'],
  ),
  E_CONFIG_SYNTAX: said(
    'Mostly a tab, an unclosed quote, or an indentation that does not fit.',
    'forge.yaml:9:1: a tab where spaces are wanted',
    ['Mend the line that is named, and check again.', 'forge validate'],
  ),
  E_CONTAINER_UNKNOWN: said(
    'A pod has the containers and init containers of its spec, and no other.',
    'no pod of app has a container sidcar; did you mean "sidecar"?',
    ['Look at all of them: each line says its container.', 'forge logs COMPONENT --env ENV'],
  ),
  E_CONTEXT_UNKNOWN: said(
    'The context stands in `cluster` of the environment or after --context, and contexts have other names on other machines.',
    '~/.kube/config has no context prod; known: prod-eu, prod-us',
    ['See which there are.', 'kubectl config get-contexts'],
    ['Name another one, this once.', 'forge status --env ENV --context CONTEXT'],
  ),
  E_ENVIRONMENT_REQUIRED: said(
    'With several environments none is meant by itself, and a protected one must be named each time.',
    '"prod" is protected and is never chosen silently; name it',
    ['Name it.', 'forge plan --env ENV'],
    'Or say `defaultEnvironment` in forge.yaml, or FORGE_ENV in your shell, for one that is not protected.',
  ),
  E_ENVIRONMENT_UNKNOWN: said(
    'A typing error, or FORGE_ENV is set for another project.',
    'forge.yaml has no environment "pord"; did you mean "prod"?',
    ['All environments are checked, and named.', 'forge validate'],
  ),
  E_FILE_UNREADABLE: said(
    'Its permissions do not let you, or a folder has its name.',
    '.env.prod cannot be read: permission denied',
    ['See whose it is.', 'ls -ld PATH'],
  ),
  E_FILE_UNWRITABLE: said(
    'Its permissions do not let you, the disk is full, the file system is read-only, or what is there is not of forge, which writes over nothing else.',
    'plan.json cannot be written: no space left on device',
    ['See whose the folder is.', 'ls -ld FOLDER'],
    ['Is there room?', 'df -h FOLDER'],
  ),
  E_NAME_UNUSED: said(
    'A mistyped name would be dropped in silence: the image would never reach its pod, the field would not be preserved.',
    'images.app.to: no template of the chart uses app.imgae; did you mean "app.image"?',
    ['See what the chart renders.', 'forge render --env ENV'],
    'Then mend the name in forge.yaml.',
  ),
  E_NOTIFY_FAILED: said(
    'A deploy is not held up by who shall hear of it: a webhook has 5 seconds.',
    'the webhook of environment variable SLACK_WEBHOOK was not told: it answered with status 404',
    'Did the service take the webhook back? Make a new one there, and put its address where forge.yaml says it is.',
    ['How did the deploy end?', 'forge history --env ENV'],
  ),
  E_NOTIFY_SOURCE: said(
    'A deploy that nobody would hear of is not begun; a rollback and a recovery are, with a warning.',
    'forge.yaml:41: environment variable SLACK_WEBHOOK is not set (webhook of notify)',
    'Set it, or take the webhook away: `notify: []` in the environment tells nobody.',
    ['Check again.', 'forge plan --env ENV'],
  ),
  E_NOT_SUPPORTED: said(
    'The schema knows the key, and this version does not act on it: to go on would be to pretend.',
    'requirements.vault is valid, but this version of forge cannot carry it out yet',
    ['Which version is this?', 'forge --version'],
    'Take the key out of forge.yaml, or use a newer forge.',
  ),
  E_RELEASE_UNKNOWN: said(
    'A typing error after --release, or in `needs` or a stage of forge.yaml.',
    'forge.yaml has no release "wbe"; did you mean "web"?',
    ['Check forge.yaml, which names them.', 'forge validate'],
  ),
  E_SOURCE_COMMAND: said(
    'A source `command` of forge.yaml ended with another status than 0, or could not be started.',
    'command pass exited with status 1: prod/db is not in the password store',
    'Run the command by hand, from the folder of forge.yaml: what it says is its own.',
  ),
  E_SOURCE_INVALID: said(
    'The file is there and is read as dotenv, YAML, JSON or PEM, and is not that.',
    'config/app.json:3: no JSON',
    ['Mend the file at the line that is named, and check again.', 'forge validate --env ENV'],
  ),
  E_SOURCE_MISSING: said(
    'Files with secrets are not in git, and variables are not in every shell: somebody has to bring them.',
    '.env.prod is missing (needed by ConfigMap app-env)',
    ['Secrets: make those that can be made.', 'forge secrets generate --env ENV'],
    'Else put the file or the variable there; the message says who needs it.',
  ),
  E_SOURCE_SOPS: said(
    'sops has none of the keys that the file was encrypted for, or the file was changed by hand.',
    'sops cannot decrypt secrets.prod.yaml: it exited with status 128: no key could decrypt the data',
    ['Ask sops itself.', 'sops decrypt FILE'],
    'Get one of the keys, or have yours added by somebody who has one (`sops updatekeys`).',
  ),
  E_SOURCE_VAULT: said(
    'Vault cannot be reached from here, is sealed, or gives this value to nobody with the token that forge has.',
    'Vault at https://vault.example.com:8200 refuses to read secret/data/shop/app: the token may not, or is not valid any more',
    ['Is it up, and open?', 'vault status'],
    ['Whose is the token, and how long does it last?', 'vault token lookup'],
    'In a pipeline: `vault.auth` in forge.yaml says how it logs in.',
  ),
  E_STAGE_TARGET: said(
    'A stage that waits for nothing would always be ready, and prove nothing.',
    'stage app waits for Deployment/wroker, which no chart renders; did you mean "worker"?',
    ['See what is rendered.', 'forge render --env ENV'],
    'Then mend the name under `stages` in forge.yaml.',
  ),
  E_TRANSFORM: said(
    "It is the project's own code: a module under `transform` with a syntax error, without its function, or one that throws.",
    'transforms/env.ts: TypeError: value.split is not a function',
    'Mend the module; the message is what it said.',
    ['Try it without a cluster.', 'forge render --env ENV'],
  ),
  E_UNTRUSTED: said(
    'In the pipeline of a pull request the checkout is a stranger’s, and what it runs or reads would be done with your rights.',
    'forge.yaml names a command as the source of secret app-secrets, which --untrusted does not run',
    'Look at what the checkout asks for; if it is right, run without --untrusted.',
    ['Or allow the one thing.', 'forge plan --env ENV --untrusted --allow-env NAME'],
  ),
  E_USAGE: said(
    'A flag, a command or an argument is mistyped, missing, or does not go with another one.',
    'forge deploy has no flag --evn; did you mean "--env"?',
    ['See what a command takes.', 'forge help COMMAND'],
  ),
  E_VALUES_SCHEMA: said(
    'The chart says in values.schema.json what its values may be, and helm would refuse the same.',
    'app.replicas: got string, want integer',
    ['See which file or flag gives the value.', 'forge render --env ENV --why VALUE_PATH'],
  ),
  E_VALUES_SECRET: said(
    'helm keeps all values in its record of the release, which more people may read than the Secret.',
    'values.prod.yaml:8: app.password is the value of secret app-secrets, key password',
    'Let the chart refer to the Secret (`existingSecret`, `secretKeyRef`), and take the value out.',
  ),
  E_VALUES_SYNTAX: said(
    'A values file is no YAML, or a --set is no PATH=VALUE as helm reads it.',
    'values.prod.yaml:4:1: a tab where spaces are wanted',
    'Mend the line that is named; put quotes around a --set with commas or braces.',
    ['Check again.', 'forge render --env ENV'],
  ),
} as const satisfies Record<string, CodeText>
