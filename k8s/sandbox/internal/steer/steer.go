// Package steer names the annotations that steer the simulation; docs/sandbox.md describes them.
package steer

// Prefix is that of all of them.
const Prefix = "sandbox.forge.api-forge.io/"

// Fail names the failure that a pod, or a claim, is to show.
const Fail = Prefix + "fail"
