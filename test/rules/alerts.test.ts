import { expect, test } from '@jest/globals'
import { testRules, workerRules, type Input, type RuleTest } from '../support/promtool.ts'

const OWN = 'namespace="prod",job="temporal-worker"'
const POD = `${OWN},instance="10.0.0.1:9464"`
const DEPLOYMENT = 'namespace="prod",deployment="temporal-worker"'
const HPA = 'namespace="prod",horizontalpodautoscaler="temporal-worker"'
const SERVER = 'namespace="temporal",exported_namespace="default"'
const DEPLOY = 'job="node",instance="ci-1",project="acme",environment="prod"'
const DAY = 86_400

const VALUES = {
  temporal: { taskQueue: 'mail,tenants' },
  metrics: { enabled: true },
  autoscaling: { enabled: true },
  monitoring: { rules: { enabled: true, tokens: ['vault'] } },
}

const buckets = (kind: string, queue: string, within: Readonly<Record<string, string>>): Input =>
  Object.fromEntries(
    Object.entries(within).map(([le, values]) => [
      `temporal_${kind}_schedule_to_start_latency_bucket{${POD},task_queue="${queue}",le="${le}"}`,
      values,
    ]),
  )

/** Five tasks a minute, all of them begun at once. */
const QUICK = { '100': '0+5x130', '5000': '0+5x130', '10000': '0+5x130', '+Inf': '0+5x130' }
/** One of ten waits between five and ten seconds. */
const SLOW = { '100': '0+45x130', '5000': '0+45x130', '10000': '0+50x130', '+Inf': '0+50x130' }

/** All is well, for two hours. */
const WELL: Input = {
  [`up{${POD}}`]: '1x130',
  [`kube_deployment_spec_replicas{${DEPLOYMENT}}`]: '2x130',
  [`kube_deployment_status_replicas_available{${DEPLOYMENT}}`]: '2x130',
  [`temporal_num_pollers{${POD},task_queue="mail",poller_type="workflow_task"}`]: '5x130',
  [`temporal_num_pollers{${POD},task_queue="tenants",poller_type="activity_task"}`]: '5x130',
  [`no_poller_tasks{${SERVER},taskqueue="mail"}`]: '7x130',
  [`no_poller_tasks{${SERVER},taskqueue="of-others"}`]: '0+9x130',
  [`temporal_workflow_failed{${POD},task_queue="mail",workflow_type="Send"}`]: '0+0x60 1+0x70',
  [`temporal_workflow_task_execution_failed{${POD},task_queue="mail",workflow_type="Send",failure_reason="WorkflowError"}`]:
    '3x130',
  [`temporal_activity_execution_failed{${POD},task_queue="mail",activity_type="smtp"}`]: '0+1x130',
  ...buckets('activity', 'mail', QUICK),
  ...buckets('workflow_task', 'mail', QUICK),
  [`approximate_backlog_count{${SERVER},taskqueue="mail",task_type="Activity",partition="0"}`]: '400x130',
  [`approximate_backlog_count{${SERVER},taskqueue="mail",task_type="Activity",partition="1"}`]: '400x130',
  [`approximate_backlog_age_seconds{${SERVER},taskqueue="mail",task_type="Activity",partition="0"}`]: '200x130',
  [`approximate_backlog_count{${SERVER},taskqueue="of-others",task_type="Activity"}`]: '90000x130',
  [`kube_horizontalpodautoscaler_status_current_replicas{${HPA}}`]: '2x130',
  [`kube_horizontalpodautoscaler_spec_max_replicas{${HPA}}`]: '10x130',
  [`kube_horizontalpodautoscaler_status_condition{${HPA},condition="ScalingLimited",status="true"}`]: '0x130',
  'certmanager_certificate_expiration_timestamp_seconds{namespace="cert-manager",exported_namespace="prod",name="tls"}': `${90 * DAY}x130`,
  'certmanager_certificate_expiration_timestamp_seconds{namespace="cert-manager",exported_namespace="other",name="tls"}':
    '1x130',
  'probe_ssl_earliest_cert_expiry{namespace="prod",instance="https://api.example.com"}': `${90 * DAY}x130`,
  'token_expiration_timestamp_seconds{namespace="prod",name="vault",instance="ci-1"}': `${30 * DAY}x130`,
  [`forge_deploy_success{${DEPLOY}}`]: '1x130',
  [`forge_deploy_finished_timestamp_seconds{${DEPLOY}}`]: '1000x130',
  [`forge_deploy_info{${DEPLOY},command="deploy",outcome="deployed"}`]: '1x130',
}

/** The same but for these; `_` in promtool's notation is no sample. */
const but = (...changed: readonly Input[]): Input => Object.assign({}, WELL, ...changed) as Input

const without = (...parts: readonly string[]): Input =>
  Object.fromEntries(
    Object.keys(WELL)
      .filter((series) => parts.some((part) => series.includes(part)))
      .map((series) => [series, '_x130']),
  )

const deployed = (outcome: string, code: string, of = DEPLOY, finished = 2000): Input => ({
  [`forge_deploy_success{${of}}`]: '0x130',
  [`forge_deploy_finished_timestamp_seconds{${of}}`]: `${finished}x130`,
  [`forge_deploy_info{${of},command="deploy",outcome="deployed"}`]: '_x130',
  [`forge_deploy_info{${of},command="deploy",outcome="${outcome}"}`]: '1x130',
  [`forge_deploy_verdict_info{${of},code="${code}"}`]: '1x130',
})

const REST = {
  [`kube_deployment_spec_replicas{${DEPLOYMENT}}`]: '0x130',
  [`kube_deployment_status_replicas_available{${DEPLOYMENT}}`]: '0x130',
  ...without('up{', 'temporal_'),
}

const FAILED = {
  workflow: `temporal_workflow_failed{${POD},task_queue="mail",workflow_type="Send"}`,
  task: `temporal_workflow_task_execution_failed{${POD},task_queue="mail",workflow_type="Send",failure_reason="NonDeterminismError"}`,
  activity: `temporal_activity_execution_failed{${POD},task_queue="mail",activity_type="smtp"}`,
}

const CONDITION = `kube_horizontalpodautoscaler_status_condition{${HPA},condition="ScalingLimited",status="true"}`
const CURRENT = `kube_horizontalpodautoscaler_status_current_replicas{${HPA}}`
const CERTIFICATE =
  'certmanager_certificate_expiration_timestamp_seconds{namespace="cert-manager",exported_namespace="prod",name="tls"}'
const TOKEN = 'token_expiration_timestamp_seconds{namespace="prod",name="vault",instance="ci-1"}'

/** What is so, and the alerts that fire at the end of the two hours: these, and no others. */
const CASES: readonly (readonly [name: string, input: Input, alerts: Readonly<Record<string, number>>])[] = [
  ['all is well', WELL, {}],
  ['somebody has brought the worker to rest', but(REST), {}],
  [
    'no pod is available',
    but({ [`kube_deployment_status_replicas_available{${DEPLOYMENT}}`]: '2x100 0x30' }),
    { TemporalWorkerDown: 1 },
  ],
  [
    'no pod was available for two minutes',
    but({ [`kube_deployment_status_replicas_available{${DEPLOYMENT}}`]: '2x118 0x12' }),
    {},
  ],
  ['its metrics cannot be reached', but({ [`up{${POD}}`]: '1x100 0x30' }), { TemporalWorkerNoMetrics: 1 }],
  [
    'Prometheus knows nothing of it',
    but(without('up{', 'temporal_', 'kube_')),
    { TemporalWorkerNoMetrics: 1, TemporalWorkerNoPollers: 2 },
  ],
  [
    'it polls one of its task queues no more',
    but({ [`temporal_num_pollers{${POD},task_queue="mail",poller_type="workflow_task"}`]: '5x100 0x30' }),
    { TemporalWorkerNoPollers: 1 },
  ],
  [
    'it has never polled one of them',
    but(
      without(
        'temporal_num_pollers{namespace="prod",job="temporal-worker",instance="10.0.0.1:9464",task_queue="tenants"',
      ),
    ),
    { TemporalWorkerNoPollers: 1 },
  ],
  [
    'Temporal has tasks for which nobody asks',
    but({ [`no_poller_tasks{${SERVER},taskqueue="tenants"}`]: '0+3x130' }),
    { TemporalWorkerNoPollers: 1 },
  ],
  ['many workflows fail', but({ [FAILED.workflow]: '0+1x130' }), { TemporalWorkflowsFail: 1 }],
  ['many workflows failed an hour ago', but({ [FAILED.workflow]: '0+1x60 60x70' }), {}],
  ['workflow tasks fail', but({ [FAILED.task]: '0+1x130' }), { TemporalWorkflowTasksFail: 1 }],
  ['many activities fail', but({ [FAILED.activity]: '0+2x130' }), { TemporalActivitiesFail: 1 }],
  ['activities wait', but(buckets('activity', 'mail', SLOW)), { TemporalTasksWait: 1 }],
  ['workflow tasks wait', but(buckets('workflow_task', 'mail', SLOW)), { TemporalTasksWait: 1 }],
  [
    'there is nothing to do',
    but(buckets('activity', 'mail', { '100': '5x130', '5000': '5x130', '10000': '9x130', '+Inf': '9x130' })),
    {},
  ],
  [
    'tasks pile up in several partitions',
    but({ [`approximate_backlog_count{${SERVER},taskqueue="mail",task_type="Activity",partition="1"}`]: '700x130' }),
    { TemporalTaskQueueBacklog: 1 },
  ],
  [
    'a task waits long',
    but({
      [`approximate_backlog_age_seconds{${SERVER},taskqueue="mail",task_type="Activity",partition="0"}`]: '400x130',
    }),
    { TemporalTaskQueueBacklog: 1 },
  ],
  [
    'the autoscaler has made all that it may, and wants more',
    but({ [CURRENT]: '10x130', [CONDITION]: '1x130' }),
    { TemporalWorkerAtMaxReplicas: 1 },
  ],
  ['it has made all that it may, and they suffice', but({ [CURRENT]: '10x130' }), {}],
  ['it wants fewer than it has to have', but({ [CONDITION]: '1x130' }), {}],
  ['a certificate of cert-manager ends', but({ [CERTIFICATE]: `${13 * DAY}x130` }), { CertificateExpires: 1 }],
  [
    'a certificate that is asked for ends',
    but({ 'probe_ssl_earliest_cert_expiry{namespace="prod",instance="https://api.example.com"}': `${DAY}x130` }),
    { CertificateExpires: 1 },
  ],
  ['a token ends', but({ [TOKEN]: `${2 * DAY}x130` }), { TokenExpires: 1 }],
  ['nobody says when a token ends', but({ [TOKEN]: '_x130' }), { TokenExpires: 1 }],
  ['a deploy failed, and nothing runs', but(deployed('failed', 'E_CRASH_LOOP')), { ForgeDeployFailed: 1 }],
  ['a deploy failed, and the old state runs', but(deployed('restored', 'E_CRASH_LOOP')), { ForgeDeployNotReached: 1 }],
  ['a deploy was refused', but(deployed('refused', 'E_LOCKED')), { ForgeDeployNotReached: 1 }],
  [
    'an older deploy of another machine failed',
    but(deployed('failed', 'E_CRASH_LOOP', DEPLOY.replace('ci-1', 'ci-2'), 500)),
    {},
  ],
  ['nobody has deployed by this forge', but(without('forge_')), {}],
]

const FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'

const asTest = ([name, input, alerts]: (typeof CASES)[number]): RuleTest => ({
  name,
  input,
  expects: [
    {
      expr: FIRING,
      at: '2h',
      samples: Object.fromEntries(Object.entries(alerts).map(([alert, count]) => [`{alertname="${alert}"}`, count])),
    },
  ],
})

test('each alert fires for what it means, and for nothing else', async () => {
  const groups = await workerRules(VALUES)
  const { status, said } = await testRules(groups, CASES.map(asTest))
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') })

  const made = new Set(groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)))
  const fired = new Set(CASES.flatMap(([, , alerts]) => Object.keys(alerts)))
  expect([...made].toSorted()).toEqual([...fired].toSorted())
})

test('a promtool that finds something else says so: these tests can fail', async () => {
  const groups = await workerRules(VALUES)
  const wrong = asTest(['all is well', WELL, { TemporalWorkerDown: 1 }])
  expect(await testRules(groups, [wrong])).toMatchObject({ status: 1, said: expect.stringContaining('FAILED') })
})

test('names as other SDKs write them, other limits, and a name that has to be escaped', async () => {
  const groups = await workerRules({
    temporal: { taskQueue: String.raw`a"b\c` },
    monitoring: {
      sdk: { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true },
      rules: { enabled: true, thresholds: { workflowFailures: 0, scheduleToStartSeconds: 0.5 } },
    },
  })
  const total = `temporal_workflow_failed_total{${POD},task_queue="q",workflow_type="Send"}`
  const bucket = `temporal_activity_schedule_to_start_latency_seconds_bucket{${POD},task_queue="q",le=`
  const pollers = String.raw`temporal_num_pollers{${POD},task_queue="a\"b\\c"}`
  const input = {
    [`up{${POD}}`]: '1x130',
    [pollers]: '1x130',
    [total]: '0x115 1x15',
    [`${bucket}"0.1"}`]: '0+1x130',
    [`${bucket}"1"}`]: '0+9x130',
    [`${bucket}"+Inf"}`]: '0+9x130',
  }
  const said = await testRules(groups, [
    asTest(['other names', input, { TemporalWorkflowsFail: 1, TemporalTasksWait: 1 }]),
  ])
  expect(said).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') })
})

test('a worker of another release or namespace has alerts of its own', async () => {
  const groups = await workerRules(VALUES, 'mailer', 'staging')
  const down = {
    [`kube_deployment_status_replicas_available{namespace="staging",deployment="mailer-temporal-worker"}`]: '0x130',
  }
  const said = await testRules(groups, [
    {
      name: 'names',
      input: down,
      expects: [
        {
          expr: 'ALERTS{alertname="TemporalWorkerDown",alertstate="firing"}',
          at: '2h',
          samples: {
            'ALERTS{alertname="TemporalWorkerDown",alertstate="firing",deployment="mailer-temporal-worker",namespace="staging",severity="critical",worker="mailer-temporal-worker"}': 1,
          },
        },
      ],
    },
  ])
  expect(said).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') })
})
