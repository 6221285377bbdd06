// Package emulation is about the older versions of Kubernetes that this binary can be.
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

// ToldFlag is the API server's own flag here: the whole version to tell, such as v1.36.3-gke.1.
const ToldFlag = "told-version"

var minorVersion = regexp.MustCompile(`^[1-9][0-9]*\.(0|[1-9][0-9]*)$`)

// Args are the flags that make a program of the control plane be that version: none for the newest, which is asked for by "".
func Args(asked string) []string {
	minor, _, err := parse(asked)
	if err != nil {
		return nil
	}
	return []string{"--emulated-version=" + minor}
}

// ToldArgs are those for the API server alone.
func ToldArgs(asked string) []string {
	_, told, err := parse(asked)
	if err != nil || told == "" {
		return nil
	}
	return []string{"--" + ToldFlag + "=" + told}
}

// Check says whether the binary can be that version: a minor such as 1.36, or a whole one.
func Check(asked string) error {
	effective := compatibility.DefaultBuildEffectiveVersion()
	offered, _, _ := strings.Cut(effective.AllowedEmulationVersionRange(), "(")
	oldest, newest, _ := strings.Cut(offered, "..")
	refusal := fmt.Errorf("--kubernetes is a version from %s to %s, such as %s or v%[1]s.3, not %[4]q", oldest, newest, oldest, asked)
	minor, _, err := parse(asked)
	if err != nil {
		return refusal
	}
	effective.SetEmulationVersion(version.MustParse(minor))
	if len(effective.Validate()) > 0 {
		return refusal
	}
	return nil
}

// parse gives the minor, and the version to tell where it was given whole.
func parse(asked string) (minor, told string, err error) {
	if minorVersion.MatchString(asked) {
		_, err := version.ParseMajorMinor(asked)
		return asked, "", err
	}
	whole, err := version.ParseSemantic(asked)
	if err != nil {
		return "", "", err
	}
	return version.MajorMinor(whole.Major(), whole.Minor()).String(), "v" + whole.String(), nil
}

// Announce lets an API server that is made from now on tell the version that it emulates as its own, or the one in the string
// that it gives, as soon as that is set. Kubernetes itself tells the version of the binary, and what goes by that of a server
// (helm's .Capabilities, a chart's kubeVersion, kubectl) would take an emulated 1.34 for 1.37.
func Announce() (told *string) {
	told = new(string)
	compatibility.DefaultComponentGlobalsRegistry = registry{compatibility.DefaultComponentGlobalsRegistry, told}
	return told
}

type registry struct {
	basecompatibility.ComponentGlobalsRegistry
	told *string
}

func (r registry) EffectiveVersionFor(component string) basecompatibility.EffectiveVersion {
	if effective := r.ComponentGlobalsRegistry.EffectiveVersionFor(component); effective != nil {
		return announced{effective, r.told}
	}
	return nil
}

type announced struct {
	basecompatibility.EffectiveVersion
	told *string
}

// Info is what /version answers. An emulated minor has no patches, so it is its first release.
func (a announced) Info() *apimachineryversion.Info {
	info := a.EffectiveVersion.Info()
	if info == nil {
		return nil
	}
	emulates := info.EmulationMajor != info.Major || info.EmulationMinor != info.Minor
	info.Major, info.Minor = info.EmulationMajor, info.EmulationMinor
	switch {
	case *a.told != "":
		info.GitVersion = *a.told
	case emulates:
		info.GitVersion = fmt.Sprintf("v%s.%s.0", info.Major, info.Minor)
	}
	return info
}
