// Package emulation is about the older minors of Kubernetes that this binary can be.
package emulation

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
	apimachineryversion "k8s.io/apimachinery/pkg/version"
	"k8s.io/apiserver/pkg/util/compatibility"
	basecompatibility "k8s.io/component-base/compatibility"
)

var minorVersion = regexp.MustCompile(`^[1-9][0-9]*\.(0|[1-9][0-9]*)$`)

// Check says whether the binary can be that minor, such as 1.36.
func Check(minor string) error {
	effective := compatibility.DefaultBuildEffectiveVersion()
	offered, _, _ := strings.Cut(effective.AllowedEmulationVersionRange(), "(")
	oldest, newest, _ := strings.Cut(offered, "..")
	refusal := fmt.Errorf("--kubernetes is a minor version from %s to %s, not %q", oldest, newest, minor)
	if !minorVersion.MatchString(minor) {
		return refusal
	}
	asked, err := version.ParseMajorMinor(minor)
	if err != nil {
		return refusal
	}
	effective.SetEmulationVersion(asked)
	if len(effective.Validate()) > 0 {
		return refusal
	}
	return nil
}

// Announce lets an API server that is made from now on tell the version that it emulates as its own. Kubernetes itself tells
// that of the binary, and what goes by the version of a server (helm's .Capabilities, a chart's kubeVersion, kubectl) would
// take an emulated 1.34 for 1.37.
func Announce() {
	compatibility.DefaultComponentGlobalsRegistry = registry{compatibility.DefaultComponentGlobalsRegistry}
}

type registry struct {
	basecompatibility.ComponentGlobalsRegistry
}

func (r registry) EffectiveVersionFor(component string) basecompatibility.EffectiveVersion {
	if effective := r.ComponentGlobalsRegistry.EffectiveVersionFor(component); effective != nil {
		return announced{effective}
	}
	return nil
}

type announced struct {
	basecompatibility.EffectiveVersion
}

// Info is what /version answers. An emulated minor has no patches, so it is its first release.
func (a announced) Info() *apimachineryversion.Info {
	info := a.EffectiveVersion.Info()
	if info == nil || (info.EmulationMajor == info.Major && info.EmulationMinor == info.Minor) {
		return info
	}
	info.Major, info.Minor = info.EmulationMajor, info.EmulationMinor
	info.GitVersion = fmt.Sprintf("v%s.%s.0", info.Major, info.Minor)
	return info
}
