import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { NativeConnection, Runtime, Worker } from '@temporalio/worker'
import * as activities from './activities.js'

const {
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: namespace,
  TEMPORAL_TASK_QUEUE: queues = 'default',
  HEALTH_CHECK_PORT: port = '8080',
  METRICS_PORT: metricsPort = '9090',
  SHUTDOWN_GRACE_SECONDS: grace = '60',
} = process.env

// SIGTERM is the runtime's: its workers take nothing new, and give activities until shutdownGraceTime.
Runtime.install({ telemetryOptions: { metrics: { prometheus: { bindAddress: `0.0.0.0:${metricsPort}` } } } })
const connection = await NativeConnection.connect({ address })
const workflowsPath = fileURLToPath(new URL('workflows.js', import.meta.url))
const workers = await Promise.all(
  queues.split(',').map((taskQueue) =>
    Worker.create({ connection, namespace, taskQueue, workflowsPath, activities, shutdownGraceTime: `${grace}s` }),
  ),
)

// One that drains is well: it would be killed in the middle of its work otherwise.
const health = createServer((_, response) => {
  const states = workers.map((worker) => worker.getState())
  response.writeHead(states.some((state) => state === 'FAILED' || state === 'STOPPED') ? 503 : 200).end(states.join())
})
health.listen(Number(port))

try {
  await Promise.all(workers.map((worker) => worker.run()))
} finally {
  health.close()
  await connection.close()
}
