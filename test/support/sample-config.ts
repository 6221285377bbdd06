/** The forge.yaml that docs/forge-yaml.md explains. */
export const sample = `version: 1
project: api-forge
defaultEnvironment: staging

environments:
  sandbox: { cluster: sandbox }
  staging: { cluster: { context: staging-eu }, namespace: api-forge }
  prod:
    cluster: { context: prod-eu, uid: 5b0c7a1e-0000-4000-8000-000000000000 }
    namespace: api-forge-prod
    protected: true
    drift: { preserve: [Deployment/worker:spec.replicas] }
    releases: { api-forge: { values: [deploy/values.prod.yaml] } }
    stages: { databases: { timeout: 6m } }

releases:
  api-forge:
    chart: ./k8s/charts/api-forge
    values: [deploy/values.yaml]
    set: { redis.enabled: { yaml: config.yaml, path: config.redis.enabled } }
    needs: []
    schema: { version: 12, oldestReader: 11 }
    configMaps:
      app-env:
        dotenv: .env
        set: { APP_ENVIRONMENT: production }
        omit: [SESSION_SIGNING_SECRET, CSRF_SIGNING_SECRET]
        allow: [TOKEN_TTL]
      postgres-config:
        files:
          postgresql.conf: infra/docker/prod/postgres/postgresql.conf
          pg_hba.conf: { file: infra/docker/prod/postgres/pg_hba.conf, transform: open-pg-hba }

images:
  app:
    build: { context: ., dockerfile: Dockerfile }
    repository: ghcr.io/acme/api-forge-app
    to: [app.image, worker.image]

secrets:
  postgres-secrets:
    each: { file: "infra/secrets/keys/{key}.txt" }
    keys: [postgres_password, postgres_app_owner_pw, postgres_app_user_pw, postgres_app_ro_pw, postgres_temporal_pw]
    generate: { length: 32 }
    keep: true
  postgres-tls: { type: tls, cert: infra/secrets/certs/postgres/server-chain.crt, key: infra/secrets/certs/postgres/server.key }

stages:
  databases: { wait: [Deployment/postgres], optional: [Deployment/redis], timeout: 3m }
  schema:    { optional: [Job/temporal-schema-setup], timeout: 5m }
  temporal:  { optional: [Deployment/temporal, Deployment/temporal-web], timeout: 3m }
  app:       { wait: [Deployment/app], optional: [Deployment/worker], timeout: 3m }

verify:
  - http: { service: app, port: 8000, path: /health, status: 200 }

requirements: { crds: [], operators: [], secrets: {}, services: [], storageClass: any }
`

/** The least that is valid: lines 1 to 5, ends with a line break. */
export const minimal = 'version: 1\nproject: demo\nenvironments:\n  dev: { cluster: sandbox }\n# more\n'
