package emulation

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/version"
	basecompatibility "k8s.io/component-base/compatibility"
)

func TestOnlyTheVersionsThatTheBinaryOffersCanBeAskedFor(t *testing.T) {
	for _, offered := range []string{"1.34", "1.35", "1.36", "1.37", "1.36.2", "v1.36.3-gke.1", "v1.37.9", "v1.35.4+k3s1"} {
		if err := Check(offered); err != nil {
			t.Error(err)
		}
	}
	for _, other := range []string{"1.33", "1.38", "2.36", "1", "v1.36", "1.33.2", "1.036", "newest", "v1.36.x", "kube=1.36", "1.99999999999999999999"} {
		if err := Check(other); err == nil || !strings.Contains(err.Error(), "from 1.34 to 1.37, such as 1.34 or v1.34.3, not \""+other+"\"") {
			t.Errorf("%s: %v", other, err)
		}
	}
}

func TestAnEmulatedMinorIsTold(t *testing.T) {
	for minor, told := range map[string]string{"1.34": "v1.34.0", "1.36": "v1.36.0"} {
		effective := basecompatibility.NewEffectiveVersionFromString("1.37.1", "1.34", "1.34")
		own := effective.Info()
		if got := (announced{effective, new(string)}).Info(); *got != *own {
			t.Errorf("one that emulates nothing tells %s, not %s", got, own)
		}
		effective.SetEmulationVersion(version.MustParse(minor))
		if got := (announced{effective, new(string)}).Info(); got.GitVersion != told || got.Major+"."+got.Minor != minor {
			t.Errorf("%s tells %s (%s.%s)", minor, got, got.Major, got.Minor)
		}
	}
}

func TestAWholeVersionIsToldAsItIs(t *testing.T) {
	effective := basecompatibility.NewEffectiveVersionFromString("1.37.1", "1.34", "1.34")
	effective.SetEmulationVersion(version.MustParse("1.36"))
	told := "v1.36.3-gke.1"
	if got := (announced{effective, &told}).Info(); got.GitVersion != told || got.Minor != "36" {
		t.Errorf("%s (%s.%s)", got, got.Major, got.Minor)
	}
	for asked, args := range map[string]string{
		"": "", "1.36": "--emulated-version=1.36", "1.36.3-gke.1": "--emulated-version=1.36 --told-version=v1.36.3-gke.1",
		"v1.35.4+k3s1": "--emulated-version=1.35 --told-version=v1.35.4+k3s1",
	} {
		if got := strings.Join(append(Args(asked), ToldArgs(asked)...), " "); got != args {
			t.Errorf("%s: %s", asked, got)
		}
	}
}
