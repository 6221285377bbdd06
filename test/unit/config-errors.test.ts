import { describe, expect, test } from '@jest/globals'
import { parseConfig } from '../../src/domain/config/config.ts'
import { failure } from '../support/project-ports.ts'
import { minimal } from '../support/sample-config.ts'

const problemsOf = async (text: string): Promise<{ code: string; problems: string[] }> =>
  failure(Promise.resolve().then(() => parseConfig(text)))

describe('forge.yaml that does not fit', () => {
  test.each([
    ['empty', '', 'forge.yaml:1:1: the document is empty; it needs at least version, project and environments'],
    [
      'only a comment',
      '# nothing\n',
      'forge.yaml:1:1: the document is empty; it needs at least version, project and environments',
    ],
    ['a list', '- version: 1\n', 'forge.yaml:1:1: the document must be a map, with version, project and environments'],
    ['no project', minimal.replace('project: demo\n', ''), 'forge.yaml:1:1: "project" is missing'],
    [
      'another version',
      minimal.replace('version: 1', 'version: 2'),
      'forge.yaml:1:10: version must be 1, the only version that this forge knows, not 2',
    ],
    [
      'no environment',
      'version: 1\nproject: demo\nenvironments:\n',
      'forge.yaml:3:1: environments names no environment',
    ],
    [
      'yes for true',
      minimal.replace('cluster: sandbox', 'protected: yes'),
      'forge.yaml:4:21: environments.dev.protected must be true or false, not "yes" (text in YAML 1.2)',
    ],
    [
      'a word for a cluster',
      minimal.replace('cluster: sandbox', 'cluster: sandbux'),
      'forge.yaml:4:19: environments.dev.cluster must be "sandbox", or a map with "context", not "sandbux"',
    ],
    [
      'sandbox and context',
      minimal.replace('cluster: sandbox', 'cluster: { sandbox: a, context: b }'),
      'forge.yaml:4:19: environments.dev.cluster is the sandbox or a context, not both',
    ],
    [
      'an unknown default',
      `${minimal}defaultEnvironment: dve\n`,
      'forge.yaml:6:21: defaultEnvironment names an environment that does not exist: "dve"; did you mean "dev"?',
    ],
    [
      'a misspelt key',
      `${minimal}releases:\n  api:\n    chrat: ./c\n`,
      'forge.yaml:8:5: unknown key "chrat" in releases.api; did you mean "chart"?',
    ],
    [
      'a misspelt key on top',
      `${minimal}relaeses: {}\n`,
      'forge.yaml:6:1: unknown key "relaeses"; did you mean "releases"?',
    ],
    [
      'a key like none',
      `${minimal}zzzzzz: {}\n`,
      'forge.yaml:6:1: unknown key "zzzzzz"; there is "version", "project", "defaultEnvironment", "environments", "releases", "images", "secrets", "stages", "verify", "requirements", "backups", "notify", "vault", "components"',
    ],
    [
      'a missing chart',
      `${minimal}releases:\n  api: {}\n`,
      'forge.yaml:7:8: releases.api needs "chart", "manifests" or "kustomization"',
    ],
    [
      'a number for a path',
      `${minimal}releases:\n  api: { chart: 3 }\n`,
      'forge.yaml:7:17: releases.api.chart must be text, not 3',
    ],
    [
      'a capital in a name',
      `${minimal}releases:\n  API: { chart: ./c }\n`,
      'forge.yaml:7:3: releases.API must be lower-case letters, digits and dashes, at most 50',
    ],
    [
      'an unknown need',
      `${minimal}releases:\n  api: { chart: ./c }\n  web: { chart: ./c, needs: [apy] }\n`,
      'forge.yaml:8:30: releases.web.needs[0] names a release that does not exist: "apy"; did you mean "api"?',
    ],
    [
      'a need of itself',
      `${minimal}releases:\n  api: { chart: ./c, needs: [api] }\n`,
      'forge.yaml:7:30: releases.api.needs[0] needs itself',
    ],
    [
      'a release that takes over from itself',
      `${minimal}releases:\n  api: { chart: ./c, takesOver: api }\n`,
      'forge.yaml:7:33: releases.api.takesOver names the release itself',
    ],
    [
      'needs in a circle',
      `${minimal}releases:\n  a: { chart: ./c, needs: [c] }\n  b: { chart: ./c, needs: [a] }\n  c: { chart: ./c, needs: [b] }\n`,
      'forge.yaml:7:27: releases.a.needs goes in a circle: a → c → b → a',
    ],
    [
      'a floating version',
      `${minimal}releases:\n  t: { chart: t, repository: https://c.example, version: ^1.2.0 }\n`,
      'forge.yaml:7:58: releases.t.version must be one exact version, such as 1.2.3, not "^1.2.0"',
    ],
    [
      'a chart that helm would take for an option',
      `${minimal}releases:\n  t: { chart: --post-renderer=./x, repository: https://c.example, version: 1.2.0 }\n`,
      'forge.yaml:7:15: releases.t.chart must not begin with a dash',
    ],
    [
      'no version',
      `${minimal}releases:\n  t: { chart: oci://c.example/t }\n`,
      'forge.yaml:7:15: releases.t.chart needs an exact "version" beside it',
    ],
    [
      'a number as timeout',
      `${minimal}stages:\n  app: { timeout: 90 }\n`,
      'forge.yaml:7:19: stages.app.timeout must be a duration, such as 3m or 90s, not 90',
    ],
    [
      'a strange timeout',
      `${minimal}stages:\n  app: { timeout: 90 s }\n`,
      'forge.yaml:7:19: stages.app.timeout must be a duration, such as 3m, 90s or 1h30m, not "90 s"',
    ],
    [
      'a stage that is a number',
      `${minimal}stages:\n  10: { timeout: 90s }\n`,
      'forge.yaml:7:3: stages.10 must start with a letter and hold lower-case letters, digits and dashes',
    ],
    [
      'a workload without kind',
      `${minimal}stages:\n  app: { wait: [app] }\n`,
      'forge.yaml:7:17: stages.app.wait[0] must be Kind/name, such as Deployment/app, not "app"',
    ],
    [
      'two kinds of source',
      `${minimal}secrets:\n  s:\n    files: { k: { file: a, env: B } }\n`,
      'forge.yaml:8:17: secrets.s.files.k must have one kind of source, not both file and env',
    ],
    [
      'no kind of source',
      `${minimal}secrets:\n  s:\n    files: { k: { optional: true } }\n`,
      'forge.yaml:8:17: secrets.s.files.k must say where the value comes from: file, yaml, env, dotenv, command, sops, vault, literal',
    ],
    [
      'yaml without path',
      `${minimal}secrets:\n  s:\n    files: { k: { yaml: a.yaml } }\n`,
      'forge.yaml:8:17: secrets.s.files.k needs "path" beside "yaml"',
    ],
    [
      'a misspelt source',
      `${minimal}secrets:\n  s:\n    files: { k: { fiel: a } }\n`,
      'forge.yaml:8:19: unknown key "fiel" in secrets.s.files.k; did you mean "file"?',
    ],
    [
      'a command line',
      `${minimal}secrets:\n  s:\n    files: { k: { command: pass show x } }\n`,
      'forge.yaml:8:28: secrets.s.files.k.command with arguments must be a list, such as [pass, show, db]: no shell splits it, not "pass show x"',
    ],
    [
      'an unknown transform',
      `${minimal}releases:\n  a:\n    chart: ./c\n    configMaps: { c: { files: { f: { file: a, transform: open-pg-hab } } } }\n`,
      'forge.yaml:9:58: releases.a.configMaps.c.files.f.transform must be open-pg-hba, or a map with replace, set, omit, allowed-subnets, module, not "open-pg-hab"',
    ],
    [
      'TLS without key',
      `${minimal}secrets:\n  s: { type: tls, cert: a.crt }\n`,
      'forge.yaml:7:6: secrets.s of type tls needs "key"',
    ],
    [
      'keys without each',
      `${minimal}secrets:\n  s: { keys: [a] }\n`,
      'forge.yaml:7:6: secrets.s needs "each" beside "keys": where each of them comes from',
    ],
    [
      'each without {key}',
      `${minimal}secrets:\n  s: { keys: [a, b], each: x.txt }\n`,
      'forge.yaml:7:28: secrets.s.each must hold {key}: else all keys have the same value',
    ],
    [
      'a password for what is no file',
      `${minimal}secrets:\n  s:\n    each: { env: "{KEY}" }\n    keys: [a]\n    generate: { length: 20 }\n`,
      'forge.yaml:10:5: secrets.s.generate has no effect: no key of it comes from a file, and only files are made',
    ],
    [
      'a password of one key that is no file',
      `${minimal}secrets:\n  s:\n    files:\n      a: a.txt\n      b:\n        command: [ pass, b ]\n        generate: { length: 20 }\n`,
      'forge.yaml:12:9: secrets.s.files.b.generate has no effect: "b" comes from command, and only files are made',
    ],
    [
      'the same of a key in a list',
      `${minimal}secrets:\n  s: { each: { sops: "{key}.yaml" }, keys: [ { name: a, generate: { length: 20 } } ] }\n`,
      'forge.yaml:7:57: secrets.s.keys[0].generate has no effect: "a" comes from sops, and only files are made',
    ],
    [
      'a certificate that is read from elsewhere',
      `${minimal}secrets:\n  s: { type: tls, cert: { env: C }, key: k.pem, generate: { ca: ca, hosts: [ h ] } }\n`,
      'forge.yaml:7:49: secrets.s.generate has no effect: "cert" comes from env, and only files are made',
    ],
    [
      'a password for a docker configuration',
      `${minimal}secrets:\n  s: { type: dockerconfigjson, config: c.json, generate: { length: 20 } }\n`,
      'forge.yaml:7:48: secrets.s.generate has no effect: no key of it comes from a file, and only files are made',
    ],
    [
      'a short password',
      `${minimal}secrets:\n  s: { keys: [a], each: x.txt, generate: { length: 6 } }\n`,
      'forge.yaml:7:52: secrets.s.generate.length must be at least 12, not 6',
    ],
    [
      'an image without source',
      `${minimal}images:\n  app: { repository: r }\n`,
      'forge.yaml:7:8: images.app needs "build" or "ref"',
    ],
    [
      'a target of an unknown release',
      `${minimal}releases:\n  api: { chart: ./c }\nimages:\n  app: { ref: r, to: ["apx:app.image"] }\n`,
      'forge.yaml:9:23: images.app.to[0] names a release that does not exist: "apx"; did you mean "api"?',
    ],
    [
      'a target without release',
      `${minimal}releases:\n  api: { chart: ./c }\n  web: { chart: ./c }\nimages:\n  app: { ref: r, to: app.image }\n`,
      'forge.yaml:10:22: images.app.to must say which release is meant, such as api:app.image',
    ],
    [
      'a wrong drift',
      minimal.replace('cluster: sandbox', 'drift: { preserve: [worker.replicas] }'),
      'forge.yaml:4:30: environments.dev.drift.preserve[0] must be Kind/name:field, such as Deployment/worker:spec.replicas, not "worker.replicas"',
    ],
    [
      'an overlay with an unknown key',
      minimal.replace('cluster: sandbox', 'stages: { app: { timout: 3m } }'),
      'forge.yaml:4:27: unknown key "timout" in environments.dev.stages.app; did you mean "timeout"?',
    ],
    [
      'an overlay that leaves a release without chart',
      minimal.replace('cluster: sandbox', 'releases: { extra: { values: [a] } }'),
      'forge.yaml:4:29: environments.dev.releases.extra needs "chart", "manifests" or "kustomization"',
    ],
    [
      'an overlay with an unknown need',
      `${minimal.replace('cluster: sandbox', 'releases: { api: { needs: [db] } }')}releases: { api: { chart: ./c } }\n`,
      'forge.yaml:4:37: environments.dev.releases.api.needs[0] names a release that does not exist: "db"',
    ],
  ])('%s', async (_, text, expected) => {
    const { code, problems } = await problemsOf(text)
    expect(code).toBe('E_CONFIG_INVALID')
    expect(problems).toEqual([expected])
  })

  test('the message is the first problem and the number of the others; all are listed in the order of the file', async () => {
    const { message, problems } = await failure(
      Promise.resolve().then(() =>
        parseConfig(`${minimal}stages: { app: { timeout: 1 }, b: { wait: x } }\nfoo: 1\nbar: 2\n`),
      ),
    )
    expect(message).toBe(
      'forge.yaml:6:27: stages.app.timeout must be a duration, such as 3m or 90s, not 1 (and 3 more)',
    )
    expect(problems).toHaveLength(4)
    expect(problems.map((problem) => problem.split(':').slice(1, 3).join(':'))).toEqual(['6:27', '6:43', '7:1', '8:1'])
  })
})

describe('generate counts where it is written, in whatever environment it makes something', () => {
  const FORGE = (base: string, prod: string): string => `version: 1
project: demo
environments:
  dev: { cluster: sandbox }
  prod: { secrets: { s: ${prod} } }
secrets:
  s: ${base}
`
  test.each([
    [
      'prod takes the value from elsewhere',
      '{ each: "{key}.txt", keys: [ a ], generate: { length: 20 } }',
      '{ each: { env: "{KEY}" } }',
    ],
    ['prod alone has a file', '{ files: { a: { env: A } }, generate: { length: 20 } }', '{ files: { a: a.txt } }'],
    ['the key of prod', '{ files: { a: { file: a.txt, generate: { length: 20 } } } }', '{ files: { a: { env: A } } }'],
    ['none is wanted', '{ files: { a: { env: A, generate: false } } }', '{}'],
    ['a CA alone', '{ files: { a: { env: A } }, generate: { ca: ca } }', '{}'],
  ])('%s', (_, base, prod) => expect(() => parseConfig(FORGE(base, prod))).not.toThrow())

  test('what prod adds for a value that is no file anywhere', async () => {
    const text = FORGE('{ files: { a: { env: A } } }', '{ generate: { length: 20 } }')
    expect((await problemsOf(text)).problems).toEqual([
      'forge.yaml:5:27: environments.prod.secrets.s.generate has no effect: no key of it comes from a file, and only files are made',
    ])
  })
})
