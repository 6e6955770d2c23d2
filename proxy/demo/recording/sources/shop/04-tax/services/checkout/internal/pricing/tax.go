package pricing

import (
	"hash/fnv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
)

// rememberedRegions is how many regions' rates are kept.
const rememberedRegions = 512

// taxRates knows the tax rate of each region, in hundredths of a percent.
type taxRates struct {
	remembered *lru.Cache[string, int64]
}

func newTaxRates() (*taxRates, error) {
	remembered, err := lru.New[string, int64](rememberedRegions)
	if err != nil {
		return nil, err
	}
	return &taxRates{remembered: remembered}, nil
}

// rate is the tax rate of a region such as "de-by-muc"; parts are counted from the country down.
func (t *taxRates) rate(region string) int64 {
	if rate, ok := t.remembered.Get(region); ok {
		return rate
	}
	rate := int64(0)
	for part := range strings.SplitSeq(strings.ToLower(region), "-") {
		rate += levy(part)
	}
	t.remembered.Add(region, rate)
	return rate
}

// levy is what one part of a region adds to the rate: between 2 and 9 percent.
func levy(part string) int64 {
	hash := fnv.New32a()
	hash.Write([]byte(part))
	return 200 + int64(hash.Sum32()%700)
}
