/** A forge.yaml that says something of everything. */
export const shopText = `version: 1
project: shop
defaultEnvironment: dev
environments:
  dev: { cluster: sandbox, namespace: shop }
  prod:
    cluster: { context: prod-eu }
    namespace: shop-prod
    protected: true
    drift: { policy: overwrite, preserve: [Deployment/worker:spec.replicas] }
    releases: { shop: { values: [v.yaml] } }
    stages: { app: { timeout: 6m } }
releases:
  shop:
    chart: ./chart
    values: [v.yaml]
    set: { a.b: { yaml: v.yaml, path: c.d }, n: { literal: "7" } }
    configMaps:
      env: { dotenv: .env, set: { X: y }, omit: [PASSWORD], allow: [TOKEN_TTL] }
      files: { files: { pg_hba.conf: { file: pg_hba.conf, transform: open-pg-hba }, a: v.yaml } }
  late: { chart: ./chart, needs: [shop] }
images:
  app: { build: { compose: compose.yml, service: app }, repository: ghcr.io/acme/app, to: ["shop:image"] }
secrets:
  pw: { each: "k/{key}.txt", keys: [a, { name: b, length: 20 }], generate: { length: 20 }, keep: true }
  tls: { type: tls, cert: c.crt, key: c.key, generate: { ca: ca, hosts: [db], days: 90 } }
  mixed: { files: { t: { env: T }, d: { dotenv: .env, name: D }, l: { literal: x }, y: { yaml: v.yaml, path: a } } }
stages:
  app: { wait: [Deployment/app], optional: [Job/x], timeout: 3m }
verify:
  - http: { service: app, port: 8000, path: /health, status: 200 }
requirements: { crds: [], storageClass: any }
`
