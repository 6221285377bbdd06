import { image, type RealNamespace } from './real-cluster.ts'

/** Asks for a page at a fixed pace, each request on a connection of its own, until /tmp/stop is there; then prints what it got. */
const CLIENT = `
import collections, json, os, sys, threading, time, urllib.request
url, pace, limit = sys.argv[1], float(sys.argv[2]), time.monotonic() + 300
answers, slowest, lost, lock = collections.Counter(), 0.0, [], threading.Lock()
def ask(number):
    global slowest
    begin = time.monotonic()
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            answer.read()
            said = str(answer.status)
    except Exception as error:
        said = repr(error)
    with lock:
        answers[said] += 1
        slowest = max(slowest, time.monotonic() - begin)
        if said != "200":
            lost.append([number, time.strftime("%H:%M:%S")])
number, due, threads = 0, time.monotonic(), []
while not os.path.exists("/tmp/stop") and time.monotonic() < limit:
    threads = [thread for thread in threads if thread.is_alive()] + [threading.Thread(target=ask, args=(number,))]
    threads[-1].start()
    number, due = number + 1, due + pace
    time.sleep(max(0, due - time.monotonic()))
for thread in threads:
    thread.join()
print(json.dumps({"sent": number, "answers": answers, "slowest": round(slowest, 3), "lost": lost[:10]}))
`

export interface TrafficReport {
  readonly sent: number
  /** Number of answers by HTTP status, or by what went wrong. */
  readonly answers: Readonly<Record<string, number>>
  /** Seconds. */
  readonly slowest: number
  readonly lost: readonly (readonly [number, string])[]
}

/** A pod that sends requests through the Service, as another pod of the cluster would, while something happens. */
export async function underTraffic<T>(
  namespace: RealNamespace,
  path: string,
  during: () => Promise<T>,
  pace = 0.05,
): Promise<{ result: T; traffic: TrafficReport }> {
  const name = `traffic-${Date.now().toString(36)}`
  await namespace.kubectl(
    ['create', '-f', '-'],
    JSON.stringify(pod(name, ['python', '-c', CLIENT, `http://app:8000${path}`, String(pace)])),
  )
  await namespace.waitFor(`pod/${name}`, 'condition=Ready')
  const result = await during()
  await namespace.kubectl(['exec', name, '--', 'touch', '/tmp/stop'])
  await namespace.waitFor(`pod/${name}`, 'jsonpath={.status.phase}=Succeeded', '60s')
  return { result, traffic: JSON.parse(await namespace.kubectl(['logs', name])) as TrafficReport }
}

function pod(name: string, command: readonly string[]) {
  const securityContext = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  }
  const container = {
    name: 'traffic',
    image: image('1.0.0'),
    command,
    securityContext,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/name': 'traffic' } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1001,
        runAsGroup: 1001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [container],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    },
  }
}
