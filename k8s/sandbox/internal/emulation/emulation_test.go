package emulation

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/version"
	basecompatibility "k8s.io/component-base/compatibility"
)

func TestOnlyTheMinorsThatTheBinaryOffersCanBeAskedFor(t *testing.T) {
	for _, offered := range []string{"1.34", "1.35", "1.36", "1.37"} {
		if err := Check(offered); err != nil {
			t.Error(err)
		}
	}
	for _, other := range []string{"1.33", "1.38", "2.36", "1", "v1.36", "1.36.2", "1.036", "newest", "kube=1.36", "1.99999999999999999999"} {
		if err := Check(other); err == nil || !strings.Contains(err.Error(), "from 1.34 to 1.37, not \""+other+"\"") {
			t.Errorf("%s: %v", other, err)
		}
	}
}

func TestAnEmulatedMinorIsTold(t *testing.T) {
	for minor, told := range map[string]string{"1.34": "v1.34.0", "1.36": "v1.36.0"} {
		effective := basecompatibility.NewEffectiveVersionFromString("1.37.1", "1.34", "1.34")
		own := effective.Info()
		if got := (announced{effective}).Info(); *got != *own {
			t.Errorf("one that emulates nothing tells %s, not %s", got, own)
		}
		effective.SetEmulationVersion(version.MustParse(minor))
		if got := (announced{effective}).Info(); got.GitVersion != told || got.Major+"."+got.Minor != minor {
			t.Errorf("%s tells %s (%s.%s)", minor, got, got.Major, got.Minor)
		}
	}
}
