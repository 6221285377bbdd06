/** What real charts render where nothing is set: maps, lists and fields of nothing, in block and in flow style. */
export const EMPTY = `apiVersion: v1
kind: ConfigMap
metadata: { name: none, annotations: , labels: }
data:
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  annotations: {}
  labels:
data: { text: , empty: "", long: {{ repeat 40 "two words " | quote }}, word: "yes", octal: "0644" }
binaryData: {}
---
apiVersion: v1
kind: Secret
metadata: { name: texts, annotations: }
data:
stringData: { a: "x", b: , c: "" }
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: runner
  annotations:
    {{- with .Values.nothing }}{{ toYaml . | nindent 4 }}{{ end }}
  labels: {}
imagePullSecrets: []
secrets:
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: empty
  annotations:
    {{- toYaml (dict) | nindent 4 }}
  labels: { app.kubernetes.io/name: empty }
spec:
  strategy: {}
  selector: { matchLabels: { app.kubernetes.io/name: empty }, matchExpressions: }
  template:
    metadata: { labels: { app.kubernetes.io/name: empty }, annotations: }
    spec:
      nodeSelector: {}
      tolerations: []
      affinity:
      securityContext: {}
      imagePullSecrets:
      initContainers: []
      volumes: [ { name: v, emptyDir: {} }, { name: s, configMap: { name: settings, items: } } ]
      containers:
        - name: empty
          image: web:1
          resources: { limits: , requests: {} }
          securityContext: {}
          readinessProbe: { httpGet: { path: /, port: 80, httpHeaders: [] } }
          command:
          args: [ sh, -c, "set -e\\nrun\\n" ]
          env: [ { name: EMPTY, value: }, { name: TEXT, value: "" } ]
          volumeMounts: [ { name: s, mountPath: /s } ]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: empty, annotations: {}, labels: }
spec: { podSelector: {}, policyTypes: [ Ingress, Egress ], ingress: [], egress: [ { to: [], ports: } ] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: empty, annotations: , labels: }
spec: { ingressClassName: , tls: [], defaultBackend: { service: { name: empty, port: { number: 80 } } }, rules: }
---
apiVersion: v1
kind: Service
metadata: { name: empty, annotations: {} }
spec:
  clusterIP:
  externalIPs: []
  loadBalancerSourceRanges:
  selector: { app.kubernetes.io/name: empty }
  ports: [ { port: 80, nodePort: } ]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: empty, annotations: }
rules:
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: empty, annotations: {} }
spec: { maxUnavailable: 1, minAvailable: , selector: {} }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: empty, annotations: }
spec:
  schedule: "0 0 1 1 *"
  startingDeadlineSeconds:
  jobTemplate:
    metadata: { annotations: }
    spec:
      template:
        metadata: { annotations: {}, labels: }
        spec: { restartPolicy: Never, containers: [ { name: job, image: job:1, resources: {}, env: } ] }
`

const STYLES = ['|', '|-', '|+', '>', '>-', '>+', '|2+']
const AFTER = ['', '  zz: end\n', '# the end\n']

/** Block scalars of each style with one to three line breaks, and something or nothing behind them: one document each. */
export const BLOCKS = STYLES.flatMap((style, at) =>
  AFTER.map((after, last) => {
    const breaks = '\n'.repeat(1 + ((at + last) % 3))
    const note = `  annotations:\n    note: ${style}\n      a${breaks}`
    const text = `  text: ${style}\n    a  b\n      c\n\n    d${breaks}${after}`
    return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: block-${at}-${last}\n${note}data:\n${text}`
  }),
).join('---\n')

/** Files that end in one: without a line break, with one, with two. */
export const ENDINGS: Readonly<Record<string, string>> = Object.fromEntries(
  STYLES.map((style, at) => [
    `ending-${at}.yaml`,
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ending-${at} }\ndata:\n  text: ${style}\n    a\n    b${'\n'.repeat(at % 3)}`,
  ]),
)
