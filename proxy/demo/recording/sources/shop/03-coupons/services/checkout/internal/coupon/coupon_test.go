package coupon

import "testing"

func TestParse(t *testing.T) {
	for code, want := range map[string]Coupon{
		"SPRING-15P":    {Campaign: "SPRING", Percent: 15},
		" welcome-500c": {Campaign: "WELCOME", Cents: 500},
		"ALL-99999P":    {Campaign: "ALL", Percent: 100},
	} {
		got, err := Parse(code)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", code, got, err, want)
		}
	}
	for _, code := range []string{"", "SPRING", "SPRING-P", "SP-15P", "SPRING-15X"} {
		if got, err := Parse(code); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", code, got)
		}
	}
}
