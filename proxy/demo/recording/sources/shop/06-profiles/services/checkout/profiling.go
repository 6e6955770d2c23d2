package main

import (
	"os"

	"github.com/grafana/pyroscope-go"
)

// startProfiling sends profiles to PYROSCOPE_SERVER_ADDRESS, if that is set, together with the
// commit that this program was built from, so that a profile's lines can be shown.
func startProfiling() error {
	address := os.Getenv("PYROSCOPE_SERVER_ADDRESS")
	if address == "" {
		return nil
	}
	_, err := pyroscope.Start(pyroscope.Config{
		ApplicationName: "checkout",
		ServerAddress:   address,
		Tags: map[string]string{
			"service_repository": "https://github.com/acme/shop",
			"service_git_ref":    os.Getenv("GIT_REF"),
			"service_root_path":  "services/checkout",
			"region":             os.Getenv("REGION"),
		},
		ProfileTypes: []pyroscope.ProfileType{
			pyroscope.ProfileCPU,
			pyroscope.ProfileAllocObjects,
			pyroscope.ProfileAllocSpace,
			pyroscope.ProfileInuseObjects,
			pyroscope.ProfileInuseSpace,
		},
	})
	return err
}
