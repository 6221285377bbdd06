/** A chart's template of Deployment `web` with one container. `container` and `spec`: what else stands in it, line by line. */
export function webTemplate({
  image = '{{ .Values.image | quote }}',
  container,
  spec = [],
}: {
  readonly image?: string
  readonly container: readonly string[]
  readonly spec?: readonly string[]
}): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app.kubernetes.io/name: web } }
spec:
${spec.map((line) => `  ${line}\n`).join('')}  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web, app.kubernetes.io/name: web } }
    spec:
      containers:
        - name: web
          image: ${image}
${container.map((line) => `          ${line}\n`).join('')}`
}
