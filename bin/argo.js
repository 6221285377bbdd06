#!/usr/bin/env node
// What the templates of k8s/argo start in the image of the Dockerfile: one container of a workflow (docs/argo.md).
const { argo } = await import('../dist/argo.js')
process.exitCode = await argo(process.env, (line) => process.stderr.write(`${line}\n`))
