package tasks

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/semver/v3"
	blang "github.com/blang/semver/v4"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/exp/slices"
	"golang.org/x/net/html"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
	"gopkg.in/ini.v1"
	"gopkg.in/yaml.v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8slabels "k8s.io/apimachinery/pkg/labels"
	sigsyaml "sigs.k8s.io/yaml"
)

const settings = "name: billing\nlines: [1, 2, {a: b}]\nlabels: {app: billing}\n"

func readYAML() error {
	var out map[string]any
	if err := yaml.Unmarshal([]byte(settings), &out); err != nil {
		return err
	}
	_, err := yaml.Marshal(out)
	return err
}

func readINI() error {
	file, err := ini.Load([]byte("[bill]\nlines = 3\n"))
	if err != nil {
		return err
	}
	_, err = file.Section("bill").Key("lines").Int()
	return err
}

func readTOML() error {
	var out struct{ Lines []int }
	_, err := toml.Decode("Lines = [1, 2, 3]\n", &out)
	return err
}

func labels() error {
	var meta metav1.ObjectMeta
	if err := sigsyaml.Unmarshal([]byte(settings), &meta); err != nil {
		return err
	}
	selector, err := metav1.LabelSelectorAsSelector(metav1.SetAsLabelSelector(meta.Labels))
	if err != nil || !selector.Matches(k8slabels.Set(meta.Labels)) {
		return fmt.Errorf("no match: %w", err)
	}
	_, err = k8slabels.Parse("app in (billing, ledger), tier != test")
	return err
}

func foldText() error {
	norm.NFKD.String(strings.Repeat("Rechnung über fünf", 50))
	_, err := language.Parse("de-CH-1901")
	return err
}

func parseHTML() error {
	_, err := html.Parse(strings.NewReader("<table><tr><td>5<td>7</table>"))
	return err
}

func password() error {
	_, err := bcrypt.GenerateFromPassword([]byte("none"), bcrypt.MinCost)
	return err
}

func sorted() error {
	lines := make([]int, 5000)
	for i := range lines {
		lines[i] = (i * 7919) % 5003
	}
	slices.SortFunc(lines, func(a, b int) int { return cmp.Compare(a, b) })
	if len(slices.Insert(lines, 3, 1, 2)) != 5002 {
		return fmt.Errorf("lines were lost")
	}
	return nil
}

func versions() error {
	limit, err := semver.NewConstraint(">= 1.2, < 3.0.0")
	if err != nil {
		return err
	}
	limit.Check(semver.MustParse("2.1.0"))
	_, err = blang.ParseRange(">1.0.0 <2.0.0 || >3.0.0")
	return err
}
